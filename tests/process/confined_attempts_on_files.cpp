#include "confined_attempts.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace test {

// Statics, since who calls is confined by then and gets the addresses only.
#define CALL(name, ...)  \
  Attempt {              \
#name, SYS_##name, { \
      __VA_ARGS__        \
    }                    \
  }

std::vector<Attempt> attempts_on_files(const std::string& directory) {
  static std::string victim;
  static std::string fresh;
  victim = directory + "/victim";
  fresh = directory + "/fresh";
  static open_how how{.flags = O_RDONLY, .mode = 0, .resolve = 0};
  static timespec times[2]{};
  static char handle[128]{};
  static int mount_id = 0;
  const char* const old = victim.c_str();
  const char* const other = fresh.c_str();
  constexpr int kFile = 3;
  return {
      CALL(open, old, O_RDONLY),
      CALL(open, other, O_RDWR | O_CREAT, 0666),
      CALL(openat, AT_FDCWD, old, O_RDONLY),
      CALL(openat2, AT_FDCWD, old, &how, sizeof how),
      CALL(creat, other, 0666),
      CALL(truncate, old, 0),
      CALL(ftruncate, kFile, 0),
      CALL(fallocate, kFile, 0, 0, 4096),
#ifndef VALKYRIA_SANITIZED  // which needs them itself
      CALL(write, kFile, "x", 1),
      CALL(pipe, handle),
      CALL(pipe2, handle, 0),
#endif
      CALL(pwrite64, kFile, "x", 1, 0),
      CALL(sendfile, kFile, kFile, 0, 1),
      CALL(copy_file_range, kFile, 0, kFile, 0, 1, 0),
      CALL(splice, kFile, 0, 1, 0, 1, 0),
      CALL(rename, old, other),
      CALL(renameat, AT_FDCWD, old, AT_FDCWD, other),
      CALL(renameat2, AT_FDCWD, old, AT_FDCWD, other, 0),
      CALL(unlink, old),
      CALL(unlinkat, AT_FDCWD, old, 0),
      CALL(link, old, other),
      CALL(linkat, AT_FDCWD, old, AT_FDCWD, other, 0),
      CALL(linkat, kFile, "", AT_FDCWD, other, AT_EMPTY_PATH),
      CALL(symlink, old, other),
      CALL(symlinkat, old, AT_FDCWD, other),
      CALL(readlink, "/proc/self/exe", handle, sizeof handle),
      CALL(readlinkat, AT_FDCWD, "/proc/self/exe", handle, sizeof handle),
      CALL(mkdir, other, 0777),
      CALL(mkdirat, AT_FDCWD, other, 0777),
      CALL(rmdir, directory.c_str()),
      CALL(mknod, other, S_IFREG | 0666, 0),
      CALL(mknodat, AT_FDCWD, other, S_IFIFO | 0666, 0),
      CALL(chmod, old, 0777),
      CALL(fchmod, kFile, 0777),
      CALL(fchmodat, AT_FDCWD, old, 0777),
      CALL(chown, old, 1, 1),
      CALL(fchown, kFile, 1, 1),
      CALL(lchown, old, 1, 1),
      CALL(fchownat, AT_FDCWD, old, 1, 1, 0),
      CALL(utime, old, 0),
      CALL(utimes, old, 0),
      CALL(futimesat, AT_FDCWD, old, 0),
      CALL(utimensat, AT_FDCWD, old, times, 0),
      CALL(utimensat, kFile, 0, times, 0),
      CALL(setxattr, old, "user.a", "b", 1, 0),
      CALL(lsetxattr, old, "user.a", "b", 1, 0),
      CALL(fsetxattr, kFile, "user.a", "b", 1, 0),
      CALL(removexattr, old, "user.a"),
      CALL(fremovexattr, kFile, "user.a"),
      CALL(access, old, R_OK),
      CALL(faccessat, AT_FDCWD, old, R_OK),
      CALL(faccessat2, AT_FDCWD, old, R_OK, 0),
      CALL(stat, old, handle),
      CALL(lstat, old, handle),
      CALL(statx, AT_FDCWD, old, 0, 0, handle),
      CALL(newfstatat, AT_FDCWD, old, handle, 0),
      CALL(statfs, "/", handle),
      CALL(fstatfs, kFile, handle),
      CALL(getdents64, kFile, handle, sizeof handle),
      CALL(getcwd, handle, sizeof handle),
      CALL(chdir, "/"),
      CALL(fchdir, kFile),
      CALL(flock, kFile, 2),
      CALL(fsync, kFile),
      CALL(sync),
      CALL(name_to_handle_at, AT_FDCWD, old, handle, &mount_id, 0),
      CALL(open_by_handle_at, kFile, handle, O_RDONLY),
      CALL(inotify_init),
      CALL(inotify_init1, 0),
      CALL(inotify_add_watch, kFile, old, 2),
      CALL(fanotify_init, 0, 0),
      CALL(fanotify_mark, kFile, 1, 2, AT_FDCWD, old),
      CALL(memfd_create, "x", 0),
      CALL(memfd_secret, 0),
      CALL(dup, kFile),
      CALL(dup2, kFile, 9),
      CALL(dup3, kFile, 9, 0),
      CALL(fcntl, kFile, F_SETFD, 0),
      CALL(fcntl, kFile, F_SETFL, O_APPEND),
      CALL(fcntl, kFile, F_SETOWN, ::getppid()),
      CALL(fcntl, kFile, F_SETLEASE, F_WRLCK),
      CALL(fcntl, kFile, F_DUPFD, 9),
      CALL(ioctl, kFile, FIONREAD, handle),
      CALL(ioctl, 1, TIOCSTI, "x"),
      CALL(mount, "none", directory.c_str(), "tmpfs", 0, 0),
      CALL(umount2, directory.c_str(), 0),
      CALL(pivot_root, directory.c_str(), directory.c_str()),
      CALL(chroot, "/"),
      CALL(open_tree, AT_FDCWD, "/", 0),
      CALL(move_mount, kFile, "", AT_FDCWD, "/", 4),
      CALL(fsopen, "tmpfs", 0),
      CALL(fspick, AT_FDCWD, "/", 0),
      CALL(mount_setattr, AT_FDCWD, "/", 0, handle, 32),
      CALL(swapon, old, 0),
      CALL(swapoff, old),
      CALL(quotactl, 0, old, 0, 0),
      CALL(acct, old),
      CALL(uselib, old),
  };
}

#undef CALL

}  // namespace test
