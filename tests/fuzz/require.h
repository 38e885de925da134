// How a fuzz target says what must hold.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace fuzz {

// Ends the program where a promise is broken, so that the fuzzer keeps the input. No assert: the
// message is for who reads the finding.
inline void require(bool holds, const std::string& promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise.c_str());
  std::abort();
}

}  // namespace fuzz
