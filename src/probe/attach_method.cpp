#include "probe/attach_method.h"

#include <sys/utsname.h>

#include <charconv>
#include <utility>

namespace probe {
namespace {

constexpr std::pair kFirstGoodRelease{6, 11};

// Major and minor number; zeros where the text is none.
std::pair<int, int> parse_release(std::string_view release) {
  std::pair version{0, 0};
  const char* const end = release.data() + release.size();
  const auto [dot, error] = std::from_chars(release.data(), end, version.first);
  if (error == std::errc{} && dot != end && *dot == '.') {
    std::from_chars(dot + 1, end, version.second);
  }
  return version;
}

}  // namespace

AttachMethod best_attach_method(std::string_view kernel_release) {
  return parse_release(kernel_release) >= kFirstGoodRelease ? AttachMethod::kUprobeMulti
                                                            : AttachMethod::kPerfEvent;
}

AttachMethod best_attach_method() {
  utsname name{};
  return ::uname(&name) == 0 ? best_attach_method(name.release) : AttachMethod::kPerfEvent;
}

}  // namespace probe
