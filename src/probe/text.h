// Names as BPF leaves them.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>

namespace probe {

// The target's text up to its NUL. BPF puts one at the end, but nothing here relies on it.
template <std::size_t size>
std::string text_of(const char (&bytes)[size]) {
  return std::string(bytes, ::strnlen(bytes, size));
}

}  // namespace probe
