// Places in the file system that a test makes, and that are gone with it.
#pragma once

#include <stdlib.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace e2e {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "valkyria-e2e-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Mounted at a directory that it makes; taken away whoever still uses it.
class Mount {
 public:
  Mount(const char* type, std::filesystem::path at, const std::string& options = "")
      : at_(std::move(at)) {
    std::filesystem::create_directories(at_);
    if (::mount(type, at_.c_str(), type, 0, options.c_str()) != 0) {
      throw std::system_error(errno, std::generic_category(), "mount " + at_.string());
    }
  }
  ~Mount() { ::umount2(at_.c_str(), MNT_DETACH); }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;

  const std::filesystem::path& path() const { return at_; }

 private:
  std::filesystem::path at_;
};

// Like cp onto a file that stands there: its inode stays.
inline void overwrite_in_place(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  out << std::ifstream(from, std::ios::binary).rdbuf();
  if (!out.flush()) throw std::runtime_error("can't overwrite " + to.string());
}

}  // namespace e2e
