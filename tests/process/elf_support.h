// What tests of debug information share.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "elf/debug_file.h"
#include "elf/debug_information.h"
#include "elf/elf_file.h"
#include "support/child_process.h"

namespace test {

// A directory that is gone with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string path =
        (std::filesystem::temp_directory_path() / "valkyria-elf-test-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp " + path);
    path_ = path;
  }
  ~TemporaryDirectory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string puppet_path(const std::string& name) {
  return VALKYRIA_PUPPET_DIR "/" + name;
}

inline elf::ElfFile open_elf(const std::string& path) {
  auto file = elf::ElfFile::open(base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path);
  if (!file) throw std::runtime_error(file.error().message);
  return std::move(*file);
}

inline base::Result<elf::DebugInformation> find_debug_information(
    const elf::ElfFile& file, const std::vector<std::string>& directories) {
  return elf::DebugInformation::open(file, elf::open_debug_files(file, directories));
}

inline elf::DebugInformation open_debug_information(
    const std::string& path, const std::vector<std::string>& directories = {}) {
  auto information = find_debug_information(open_elf(path), directories);
  if (!information) throw std::runtime_error(information.error().message);
  return std::move(*information);
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  if (!file.flush()) throw std::runtime_error("write " + path);
}

// Runs a program that has to succeed; the lines that it prints.
inline std::vector<std::string> run(const std::string& program,
                                    const std::vector<std::string>& arguments) {
  ChildProcess child(program, arguments);
  std::vector<std::string> lines;
  while (auto line = child.read_line(soon())) lines.push_back(std::move(*line));
  if (child.wait(soon()) != ExitStatus{.signalled = false, .code = 0}) {
    throw std::runtime_error(program + " failed");
  }
  return lines;
}

}  // namespace test
