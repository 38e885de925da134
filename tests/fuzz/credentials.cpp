// The field Authorization.
#include "webconfig/credentials.h"

#include "fuzz/bytes.h"
#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = webconfig::parse_basic_credentials(fuzz::text_of(data, size));
  if (!parsed) return 0;
  fuzz::require(parsed->user.find(':') == std::string::npos, "a name has no colon");
  fuzz::require((parsed->user + parsed->password).find('\0') == std::string::npos,
                "a password ends where it ends");
  fuzz::require(parsed->user.size() + parsed->password.size() < size, "nothing is made up");
  return 0;
}
