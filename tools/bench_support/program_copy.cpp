#include "bench_support/program_copy.h"

#include <cstdlib>
#include <stdexcept>

namespace bench {

namespace fs = std::filesystem;

ProgramCopy::ProgramCopy(const fs::path& program) {
  std::string pattern = fs::temp_directory_path() / "valkyria-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("make a directory like " + pattern);
  }
  directory_ = pattern;
  path_ = directory_ / program.filename();
  fs::copy_file(program, path_);
}

ProgramCopy::~ProgramCopy() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

}  // namespace bench
