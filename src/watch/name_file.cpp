#include "watch/name_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/own_directory.h"
#include "base/unique_fd.h"
#include "privilege/privilege.h"

namespace watch {
namespace {

using base::fail;
using base::Result;
namespace fs = std::filesystem;

constexpr std::string_view kFileBegin = "names-";
constexpr std::size_t kMaxFileBytes = 8 * 1024 * 1024;
constexpr std::size_t kMaxSelections = 32;  // past it, the oldest goes
constexpr std::chrono::milliseconds kLastWrite{200};

// None: there is no file.
Result<std::optional<std::string>> read_file(const std::string& path) {
  const std::string directory = fs::path(path).parent_path().string();
  if (auto own = base::require_own_directory(directory); !own) {
    if (own.error().cause == base::Cause::kGone) return std::optional<std::string>();
    return pass_on(own);
  }
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::optional<std::string>();
  if (!fd) return fail("open it: {}", base::errno_text(errno));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return fail("no plain file");
  std::string text;
  std::array<char, 16'384> buffer;
  while (text.size() <= kMaxFileBytes) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("read it: {}", base::errno_text(errno));
    if (got == 0) return std::optional(std::move(text));
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return fail("more than {} bytes", kMaxFileBytes);
}

Result<void> write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail("write it: {}", base::errno_text(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fdatasync(fd) != 0) return fail("write it: {}", base::errno_text(errno));
  return {};
}

void drop_oldest(const fs::path& directory) {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (fs::directory_iterator entry(directory, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(kFileBegin)) continue;
    files.emplace_back(entry->last_write_time(error), entry->path());
  }
  if (files.size() < kMaxSelections) return;
  fs::remove(std::min_element(files.begin(), files.end())->second, error);
}

// Written beside its place and moved there: a reader sees all of it or nothing.
Result<void> write_file(const fs::path& path, const std::string& text) {
  const fs::path directory = path.parent_path();
  std::error_code error;
  fs::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail("make the directory: {}", base::errno_text(errno));
  }
  if (auto own = base::require_own_directory(directory.string()); !own) return own;
  if (!fs::exists(path, error)) drop_oldest(directory);
  const std::string beside = fmt::format("{}.{}.part", path.string(), ::getpid());
  const base::UniqueFd fd(
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail("open {}: {}", beside, base::errno_text(errno));
  auto written = write_whole(fd.get(), text);
  if (written && ::rename(beside.c_str(), path.c_str()) != 0) {
    written = fail("move it to its place: {}", base::errno_text(errno));
  }
  if (!written) ::unlink(beside.c_str());
  return written;
}

}  // namespace

// FNV-1a: it must stay what it is, unlike std::hash.
std::string name_file_path(const std::string& directory, std::string_view selection) {
  if (directory.empty()) return "";
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : selection) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  std::string path = directory;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return fmt::format("{}/{}{:016x}", path, kFileBegin, hash);
}

// What the thread shares with us: it may outlive us.
struct NameFile::Work {
  explicit Work(std::string file) : path(std::move(file)) {}

  void run(const std::stop_token& stop);
  void read();
  void tell_once(const base::Error& error);

  const std::string path;
  std::mutex mutex;  // over all below; not held over the file
  std::condition_variable_any changed;
  bool is_loaded = false;
  std::optional<RememberedNames> loaded;
  std::optional<RememberedNames> to_write;
  bool is_writing = false;
  bool told = false;  // only its thread
};

void NameFile::Work::tell_once(const base::Error& error) {
  if (std::exchange(told, true)) return;
  base::log_warn("file of names {}: {}; names may change when this exporter is started again", path,
                 error.message);
}

void NameFile::Work::read() {
  std::optional<RememberedNames> names;
  const auto text = read_file(path);
  if (!text) {
    tell_once(text.error());
  } else if (*text) {
    auto parsed = parse_names(**text);
    if (!parsed) {
      base::log_warn("file of names {} is ignored: {}", path, parsed.error().message);
    } else {
      names = std::move(*parsed);
    }
  }
  const std::lock_guard lock(mutex);
  loaded = std::move(names);
  is_loaded = true;
  changed.notify_all();
}

void NameFile::Work::run(const std::stop_token& stop) {
  if (auto kept = privilege::keep_only(privilege::Task::kNothing); !kept) {
    base::log_warn("{}", kept.error().message);
  }
  read();
  std::unique_lock lock(mutex);
  while (changed.wait(lock, stop, [&] { return to_write.has_value(); })) {
    const RememberedNames names = std::move(*to_write);
    to_write.reset();
    is_writing = true;
    lock.unlock();
    const auto written = write_file(path, write_names(names));
    if (!written) tell_once(written.error());
    lock.lock();
    is_writing = false;
    changed.notify_all();
  }
}

NameFile::NameFile(std::string path) : work_(std::make_shared<Work>(std::move(path))) {
  if (work_->path.empty()) return;
  auto thread =
      LooseThread::start("names", [work = work_](const std::stop_token& stop) { work->run(stop); });
  if (thread) {
    thread_.emplace(std::move(*thread));
  } else {
    work_->tell_once(thread.error());
  }
}

NameFile::~NameFile() {
  if (!thread_) return;
  std::unique_lock lock(work_->mutex);
  work_->changed.wait_for(lock, kLastWrite, [&] { return !work_->to_write && !work_->is_writing; });
}

std::optional<RememberedNames> NameFile::load(std::chrono::steady_clock::time_point deadline) {
  if (!thread_) return std::nullopt;
  std::unique_lock lock(work_->mutex);
  if (!work_->changed.wait_until(lock, deadline, [&] { return work_->is_loaded; })) {
    base::log_warn("file of names {}: no answer (a file system that hangs?); going on without it",
                   work_->path);
    return std::nullopt;
  }
  return std::exchange(work_->loaded, std::nullopt);
}

void NameFile::save(RememberedNames names) {
  if (!thread_) return;
  const std::lock_guard lock(work_->mutex);
  work_->to_write = std::move(names);
  work_->changed.notify_all();
}

}  // namespace watch
