// Which functions of the source the code at an address was made of.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace elf {

struct SourceFunction {
  std::string name;          // as in the source
  std::string linkage_name;  // as the linker knows it; empty: the same
  std::string file;          // where the function was at; empty: not known
  std::uint64_t line = 0;    // in it; 0: not known
};

// Owns libdw's view of a file's debug information. The file is untrusted, and libdw is not made for
// hostile ones: for a confined process. One thread at a time.
class InlineFunctions {
 public:
  // None: the file has no debug information of its own.
  static std::optional<InlineFunctions> open(base::UniqueFd fd);
  InlineFunctions(InlineFunctions&&) noexcept;
  InlineFunctions& operator=(InlineFunctions&&) noexcept;
  ~InlineFunctions();

  // At an address as linked: the innermost function first, then those that it was put into by the
  // compiler, the last one being a function of its own. Empty: nothing is known there.
  std::vector<SourceFunction> at(std::uint64_t address) const;

 private:
  struct File;
  explicit InlineFunctions(std::unique_ptr<File> file);

  std::unique_ptr<File> file_;
};

}  // namespace elf
