// A copy of a program: the same code in a file of its own.
#pragma once

#include <filesystem>
#include <string>

namespace bench {

// Owns the copy and its directory. Probes sit on a file: what is attached to one copy does not
// touch the others, so differently attached processes can be measured in turns of a millisecond.
class ProgramCopy {
 public:
  explicit ProgramCopy(const std::filesystem::path& program);
  ~ProgramCopy();
  ProgramCopy(const ProgramCopy&) = delete;
  ProgramCopy& operator=(const ProgramCopy&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  // The copy has the name of the program.
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path directory_;
  std::filesystem::path path_;
};

}  // namespace bench
