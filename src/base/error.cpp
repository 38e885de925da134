#include <system_error>

#include "base/result.h"

namespace base {

std::string errno_text(int errno_value) {
  return std::generic_category().message(errno_value);
}

}  // namespace base
