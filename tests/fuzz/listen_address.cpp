// --web.listen-address.
#include "http/listen_address.h"

#include "fuzz/bytes.h"
#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto address = http::parse_listen_address(text);
  if (!address) {
    fuzz::require(address.error().message.find(text) != std::string::npos,
                  "the error names the text");
    return 0;
  }
  fuzz::require(address->host.find_first_of(std::string_view("[]\0 ", 4)) == std::string::npos,
                "a host is nothing but its name or number");
  const auto again = http::parse_listen_address(http::text_of(*address));
  fuzz::require(again && *again == *address, "an address that is written is read as it was");
  return 0;
}
