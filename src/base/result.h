// The one way to fail. What can fail returns Result<T>; what may be absent is std::optional<T>; a
// broken promise inside the program is an assert. No exception crosses a room.
#pragma once

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace base {

// One failure, told once, where it happened: the deed, the object, the cause and, where there is
// one, the fix. "attach gc__begin to /usr/bin/valk: Operation not permitted (needs CAP_SYS_ADMIN)"
struct Error {
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

// `return fail("open {}: no such file", path);` in a function that returns any Result.
template <typename... Args>
[[nodiscard]] tl::unexpected<Error> fail(fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{fmt::format(format, std::forward<Args>(args)...)});
}

// The text of an errno value, such as "Permission denied". Thread-safe.
std::string errno_text(int errno_value);

}  // namespace base
