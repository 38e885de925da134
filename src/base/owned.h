// Owner of a C library's object, freed by the library's own function.
#pragma once

#include <memory>

namespace base {

// Owned<bpf_link, bpf_link__destroy> link(bpf_program__attach(...));
template <auto free_function>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    free_function(object);  // NOLINT(cppcoreguidelines-no-malloc): this is what frees
  }
};

template <typename T, auto free_function>
using Owned = std::unique_ptr<T, FreeWith<free_function>>;

}  // namespace base
