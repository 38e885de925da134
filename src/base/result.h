// The one way to fail. What can fail returns Result<T>; what may be absent is std::optional<T>; a
// broken promise inside the program is an assert. No exception crosses a room.
#pragma once

#include <fmt/core.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace base {

// Why something failed, as far as anybody decides by it.
enum class Cause {
  kOther,
  kGone,     // who or what was asked about is no longer there
  kTimeout,  // no answer came in time; one may still come
  kChanged,  // it changed while it was looked at: look again
  kLacking,  // this machine has no such thing; another of the kind may do
  kDenied,   // we may not: somebody with more rights may
};

// One failure, told once, where it happened: the deed, the object, the cause and, where there is
// one, the fix. "attach gc__begin to /usr/bin/valk: Operation not permitted (needs CAP_SYS_ADMIN)"
struct Error {
  std::string message;
  Cause cause = Cause::kOther;
};

template <typename T>
using Result = tl::expected<T, Error>;

// `return fail("open {}: no such file", path);` in a function that returns any Result.
template <typename... Args>
[[nodiscard]] tl::unexpected<Error> fail(fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{fmt::format(format, std::forward<Args>(args)...)});
}

// The same, of a cause by which somebody decides.
template <typename... Args>
[[nodiscard]] tl::unexpected<Error> fail(Cause cause, fmt::format_string<Args...> format,
                                         Args&&... args) {
  return tl::unexpected<Error>(Error{fmt::format(format, std::forward<Args>(args)...), cause});
}

// `if (!file) return pass_on(file);` hands the error of one Result on as that of another.
template <typename T>
[[nodiscard]] tl::unexpected<Error> pass_on(const Result<T>& failed) {
  return tl::unexpected<Error>(failed.error());
}

// The text of an errno value, such as "Permission denied". Thread-safe.
std::string errno_text(int errno_value);

}  // namespace base
