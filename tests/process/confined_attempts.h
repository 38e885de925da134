// System calls by which a process could do harm, each with arguments that would do it.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

namespace test {

// An argument of a system call.
struct Word {
  Word(const void* pointer) : value(reinterpret_cast<long>(pointer)) {}  // NOLINT: as C has it
  template <typename T>
  requires std::is_integral_v<T> || std::is_enum_v<T> Word(T number)
      : value(static_cast<long>(number)) {}  // NOLINT
  long value;
};

struct Attempt {
  std::string name;
  long call;
  std::vector<Word> arguments;
};

// What could be done to files. `directory` may be written to by everybody; in it is the file
// `victim`, which is also open as descriptor 3, for reading and writing.
std::vector<Attempt> attempts_on_files(const std::string& directory);

// What could be done to the process `pid`, to memory, to ourselves, and to the kernel.
std::vector<Attempt> attempts_on_others(int pid);

}  // namespace test
