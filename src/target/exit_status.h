// How a process ended.
#pragma once

#include <cstdint>
#include <string>

namespace target {

// What the kernel told of an end, as wait(2) gives it, in words: "it exited with 3", "it was killed
// by SIGSEGV and dumped core".
std::string words_of_end(std::uint32_t wait_status);

}  // namespace target
