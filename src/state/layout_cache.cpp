#include "state/layout_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/own_directory.h"
#include "base/unique_fd.h"
#include "state/layout_text.h"

namespace state {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 200;
constexpr const char* kSuffix = ".layout";

std::string path_of(const std::string& directory, const std::string& content_hash) {
  return directory + "/" + content_hash + kSuffix;
}

// Empty: fine.
std::string write_file(const std::string& path, const std::string& text) {
  const base::UniqueFd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return base::errno_text(errno);
  const ssize_t written = ::write(fd.get(), text.data(), text.size());
  if (written < 0) return base::errno_text(errno);
  return static_cast<std::size_t>(written) == text.size() ? "" : "the disk is full";
}

void drop_oldest(const std::string& directory) {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (fs::directory_iterator entry(directory, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (entry->path().extension() != kSuffix) continue;
    files.emplace_back(entry->last_write_time(error), entry->path());
  }
  if (files.size() < kMaxFiles) return;
  fs::remove(std::min_element(files.begin(), files.end())->second, error);
}

}  // namespace

// With a slash at the end, lstat() would follow a link.
LayoutCache::LayoutCache(std::string directory) : directory_(std::move(directory)) {
  while (directory_.size() > 1 && directory_.back() == '/') directory_.pop_back();
}

void LayoutCache::tell_once(const std::string& problem) {
  if (told_.exchange(true)) return;
  base::log_warn("layout cache {}: {}; going on without it", directory_, problem);
}

bool LayoutCache::is_usable() {
  const auto own = base::require_own_directory(directory_);
  if (!own && own.error().cause != base::Cause::kGone) tell_once(own.error().message);
  return own.has_value();
}

std::optional<Layout> LayoutCache::find(const std::string& content_hash) {
  if (directory_.empty() || !is_usable()) return std::nullopt;
  const std::string path = path_of(directory_, content_hash);
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) return std::nullopt;
  auto layout = read_layout_file(path);
  if (!layout) {
    base::log_debug("{}", layout.error().message);
    return std::nullopt;
  }
  return std::move(*layout);
}

// Written beside its place and moved there: a reader sees all of it or nothing.
void LayoutCache::store(const std::string& content_hash, const Layout& layout) {
  if (directory_.empty()) return;
  std::error_code error;
  fs::create_directories(fs::path(directory_).parent_path(), error);
  if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
    return tell_once(base::errno_text(errno));
  }
  if (!is_usable()) return;
  drop_oldest(directory_);
  const std::string path = path_of(directory_, content_hash);
  const std::string beside = fmt::format("{}.{}.part", path, ::getpid());
  if (const auto problem = write_file(beside, write_layout(layout)); !problem.empty()) {
    fs::remove(beside, error);
    return tell_once(problem);
  }
  fs::rename(beside, path, error);
  if (!error) return;
  tell_once(error.message());
  fs::remove(beside, error);
}

}  // namespace state
