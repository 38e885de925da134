#include "timeline/capture_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/log.h"
#include "timeline/capture.h"
#include "timeline/captures.h"

namespace timeline {
namespace {

using base::errno_text;
using base::fail;
using base::Result;

constexpr std::string_view kFactsEnding = "capture";
constexpr std::string_view kPartEnding = ".part";  // not written to its end yet
constexpr std::size_t kMaxNames = 10'000;

std::string file_name(std::string_view id, std::string_view ending) {
  return fmt::format("{}.{}", id, ending);
}

// Of our files: none for others. A file that is not written yet is one of ours, too.
std::string_view id_of(std::string_view name) {
  if (name.ends_with(kPartEnding)) name.remove_suffix(kPartEnding.size());
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return {};
  const bool is_ours =
      is_capture_id(name.substr(0, dot)) && is_attachment_name(name.substr(dot + 1));
  return is_ours ? name.substr(0, dot) : std::string_view{};
}

Result<void> check(const std::string& path, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail("use {}: {}", path, errno_text(errno));
  if (status.st_uid != ::geteuid()) {
    return fail("use {} for captures: it is of user {}, and we are {} (chown it, or give another)",
                path, status.st_uid, ::geteuid());
  }
  if ((status.st_mode & 022) != 0) {
    return fail("use {} for captures: others may write to it (chmod 700 it, or give another)",
                path);
  }
  return {};
}

Result<void> write_whole(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail("{}", errno_text(errno));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  // What is moved to its place must not be empty after a crash.
  if (::fsync(fd) != 0) return fail("{}", errno_text(errno));
  return {};
}

}  // namespace

// A slash at the end would follow a link.
Result<CaptureDirectory> CaptureDirectory::open(const std::string& path) {
  std::string plain = path;
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  if (::mkdir(plain.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail("make {} for captures: {}", plain, errno_text(errno));
  }
  base::UniqueFd fd(::open(plain.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) {
    const bool is_link = errno == ELOOP || errno == ENOTDIR;
    return fail("use {} for captures: {}", plain,
                is_link ? "it must be a directory, and no link to one" : errno_text(errno));
  }
  if (auto good = check(plain, fd.get()); !good) return base::pass_on(good);
  return CaptureDirectory(std::move(plain), std::move(fd));
}

Result<void> CaptureDirectory::write(const model::Capture& capture) const {
  const std::string& id = capture.facts.id;
  for (const model::Attachment& attachment : capture.attachments) {
    auto written = write_file(file_name(id, attachment.name), attachment.content);
    if (!written) {
      remove(id);
      return written;
    }
  }
  auto written = write_file(file_name(id, kFactsEnding), write_capture_facts(capture.facts));
  if (!written) remove(id);
  return written;
}

Result<void> CaptureDirectory::write_file(const std::string& name, std::string_view content) const {
  const std::string part = name + std::string(kPartEnding);
  const base::UniqueFd file(::openat(fd_.get(), part.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail("write {}/{}: {}", path_, part, errno_text(errno));
  auto written = write_whole(file.get(), content);
  if (written && ::renameat(fd_.get(), part.c_str(), fd_.get(), name.c_str()) != 0) {
    written = fail("{}", errno_text(errno));
  }
  if (written) return {};
  ::unlinkat(fd_.get(), part.c_str(), 0);
  return fail("write {}/{}: {}", path_, name, written.error().message);
}

// The facts first: without them it is none.
void CaptureDirectory::remove(std::string_view id) const {
  if (!is_capture_id(id)) return;
  ::unlinkat(fd_.get(), file_name(id, kFactsEnding).c_str(), 0);
  for (const std::string& name : names()) {
    if (id_of(name) == id) ::unlinkat(fd_.get(), name.c_str(), 0);
  }
}

std::vector<std::string> CaptureDirectory::names() const {
  std::vector<std::string> names;
  // By a descriptor of its own: a stream takes it, and moves where it reads.
  const int fd = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd), ::closedir);
  if (!stream) {
    ::close(fd);
    return names;
  }
  // Nobody else reads this stream. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* const entry = ::readdir(stream.get())) {
    if (!id_of(entry->d_name).empty()) names.emplace_back(entry->d_name);
    if (names.size() >= kMaxNames) break;
  }
  return names;
}

Result<std::string> CaptureDirectory::read_file(const std::string& name) const {
  const base::UniqueFd file(
      ::openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    return fail("read {}/{}: {}", path_, name, errno_text(errno));
  }
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid()) {
    return fail("read {}/{}: no file of ours", path_, name);
  }
  if (status.st_size > static_cast<off_t>(Captures::kMaxBytes)) {
    return fail("read {}/{}: larger than any of ours", path_, name);
  }
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("read {}/{}: {}", path_, name, errno_text(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return content;
}

Result<model::Capture> CaptureDirectory::read(const std::string& id,
                                              const std::vector<std::string>& names) const {
  const auto text = read_file(file_name(id, kFactsEnding));
  if (!text) return base::pass_on(text);
  auto facts = parse_capture_facts(*text);
  if (!facts) return base::pass_on(facts);
  if (facts->id != id) return fail("read {}/{}: it is of another capture", path_, id);
  model::Capture capture{std::move(*facts), {}};
  for (const std::string& name : names) {
    if (id_of(name) != id || name.ends_with(kPartEnding)) continue;
    const std::string ending = name.substr(id.size() + 1);
    if (ending == kFactsEnding) continue;
    auto content = read_file(name);
    if (!content) return base::pass_on(content);
    capture.attachments.push_back({ending, std::move(*content)});
  }
  return capture;
}

// Past their limits the oldest go unread: ids begin with the time.
std::vector<model::Capture> CaptureDirectory::read_all() const {
  const std::vector<std::string> all = names();
  std::vector<std::string> ids;
  for (const std::string& name : all) ids.emplace_back(id_of(name));
  std::sort(ids.begin(), ids.end(), std::greater<>());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<model::Capture> captures;
  std::size_t bytes = 0;
  for (const std::string& id : ids) {
    if (captures.size() >= Captures::kMaxCaptures || bytes > Captures::kMaxBytes) {
      remove(id);
      continue;
    }
    auto capture = read(id, all);
    if (capture) {
      bytes += capture->bytes();
      captures.push_back(std::move(*capture));
      continue;
    }
    base::log_warn("capture {} is not whole and goes: {}", id, capture.error().message);
    remove(id);
  }
  return captures;
}

}  // namespace timeline
