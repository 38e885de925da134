#include "state/lisp_functions.h"

#include "state/known_layouts.h"

namespace state {

std::unique_ptr<LispFunctions> open_lisp_functions(const Layout& layout, std::uint64_t load_bias) {
  const KnownLayout* const known = find_known_layout(layout.name);
  if (known == nullptr || known->open_lisp_functions == nullptr) return nullptr;
  return known->open_lisp_functions(layout, load_bias);
}

}  // namespace state
