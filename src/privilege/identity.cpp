#include "privilege/identity.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/unique_fd.h"

namespace privilege {
namespace {

using base::errno_text;
using base::fail;
using base::Result;

constexpr std::size_t kMaxEntryBytes = 1024 * 1024;

struct User {
  uid_t id = 0;
  gid_t group = 0;
};

Result<User> find_user(const std::string& name) {
  std::vector<char> room(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found)) == ERANGE &&
         room.size() < kMaxEntryBytes) {
    room.resize(room.size() * 2);
  }
  if (found == nullptr) {
    return fail("become user \"{}\": {}", name,
                error != 0 ? errno_text(error)
                           : "there is none of this name (make one: adduser --system --group)");
  }
  if (entry.pw_uid == 0) return fail("become user \"{}\": it is root (leave --user out)", name);
  return User{entry.pw_uid, entry.pw_gid};
}

Result<void> refused(const std::string& name, std::string_view deed) {
  const int error = errno;
  return fail("become user \"{}\": {}: {}{}", name, deed, errno_text(error),
              error == EPERM ? " (needs CAP_SETUID and CAP_SETGID: start as root)" : "");
}

Result<void> check(const std::string& path, int fd, uid_t user) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail("hand over {}: {}", path, errno_text(errno));
  if (status.st_uid != ::geteuid() && status.st_uid != user) {
    return fail("hand over {}: it is of user {} (give another directory, or chown it)", path,
                status.st_uid);
  }
  if ((status.st_mode & 022) != 0) {
    return fail("hand over {}: others may write to it (chmod 700 it, or give another)", path);
  }
  return {};
}

// Files alone, and none that has another name elsewhere.
void give_files(int directory, const User& user) {
  const int fd = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd), ::closedir);
  if (!stream) {
    ::close(fd);
    return;
  }
  // Nobody else reads this stream. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* const entry = ::readdir(stream.get())) {
    const base::UniqueFd file(
        ::openat(directory, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) continue;
    const bool is_plain = S_ISREG(status.st_mode) && status.st_nlink == 1;
    if (!is_plain || status.st_uid != ::geteuid()) continue;
    if (::fchown(file.get(), user.id, user.group) != 0) return;
  }
}

// A change of user leaves capabilities permitted, and none effective.
bool use_what_is_permitted() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> held{};
  if (::syscall(SYS_capget, &header, held.data()) != 0) return false;
  for (auto& half : held) half.effective = half.permitted;
  return ::syscall(SYS_capset, &header, held.data()) == 0;
}

}  // namespace

Result<void> become_user(const std::string& name) {
  const auto user = find_user(name);
  if (!user) return pass_on(user);
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return refused(name, "keep capabilities");
  if (::initgroups(name.c_str(), user->group) != 0) return refused(name, "take his groups");
  if (::setresgid(user->group, user->group, user->group) != 0) return refused(name, "setresgid");
  if (::setresuid(user->id, user->id, user->id) != 0) return refused(name, "setresuid");
  if (::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0) return refused(name, "keep capabilities");
  if (!use_what_is_permitted()) return refused(name, "use capabilities");
  return {};
}

// By its descriptor, so that it can't become another one meanwhile. A slash at the end would follow
// a link.
Result<void> hand_over(const std::string& directory, const std::string& user_name) {
  const auto user = find_user(user_name);
  if (!user) return pass_on(user);
  std::string plain = directory;
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(plain).parent_path(), error);
  if (::mkdir(plain.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail("hand over {} to {}: {}", plain, user_name, errno_text(errno));
  }
  const base::UniqueFd fd(::open(plain.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return fail("hand over {} to {}: {}", plain, user_name, errno_text(errno));
  if (auto good = check(plain, fd.get(), user->id); !good) return good;
  give_files(fd.get(), *user);
  if (::fchown(fd.get(), user->id, user->group) == 0) return {};
  return fail("hand over {} to {}: {} (needs CAP_CHOWN: start as root)", plain, user_name,
              errno_text(errno));
}

}  // namespace privilege
