#include "confined_attempts.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>

namespace test {

// Statics, since who calls is confined by then and gets the addresses only.
#define CALL(name, ...)  \
  Attempt {              \
#name, SYS_##name, { \
      __VA_ARGS__        \
    }                    \
  }

std::vector<Attempt> attempts_on_others(int pid) {
  static char bytes[256]{};
  static iovec vector{bytes, 1};
  static sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "x"};
  static perf_event_attr event{};
  static bpf_attr attribute{};
  static clone_args fork_arguments{};
  static siginfo_t info{};
  static const char* const no_texts[]{nullptr};
  static long set = 1;
  event.size = sizeof event;
  fork_arguments.exit_signal = SIGCHLD;
  return {
      CALL(socket, AF_INET, SOCK_STREAM, 0),
      CALL(socket, AF_UNIX, SOCK_STREAM, 0),
      CALL(socket, AF_NETLINK, SOCK_RAW, 0),
      CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, bytes),
      CALL(connect, 3, &address, sizeof address),
      CALL(bind, 3, &address, sizeof address),
      CALL(listen, 3, 1),
      CALL(accept, 3, 0, 0),
      CALL(accept4, 3, 0, 0, 0),
      CALL(sendto, 3, "x", 1, 0, &address, sizeof address),
      CALL(sendmsg, 3, bytes, 0),
      CALL(sendmmsg, 3, bytes, 1, 0),
      CALL(recvmsg, 3, bytes, 0),
      CALL(setsockopt, 3, 1, 1, bytes, 4),
      CALL(execve, "/bin/true", no_texts, no_texts),
      CALL(execveat, 3, "", no_texts, no_texts, AT_EMPTY_PATH),
      CALL(fork),
      CALL(vfork),
      CALL(clone, SIGCHLD, 0, 0, 0, 0),
      CALL(clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0),
      CALL(clone3, &fork_arguments, sizeof fork_arguments),
      CALL(kill, pid, 0),
      CALL(kill, -1, 0),
      CALL(tkill, pid, 0),
      CALL(tgkill, pid, pid, 0),
      CALL(rt_sigqueueinfo, pid, 0, &info),
      CALL(rt_tgsigqueueinfo, pid, pid, 0, &info),
      CALL(pidfd_open, pid, 0),
      CALL(pidfd_getfd, 3, 0, 0),
      CALL(pidfd_send_signal, 3, 0, 0, 0),
      CALL(ptrace, PTRACE_SEIZE, pid, 0, 0),
      CALL(ptrace, PTRACE_TRACEME, 0, 0, 0),
      CALL(process_vm_readv, pid, &vector, 1, &vector, 1, 0),
      CALL(process_vm_writev, pid, &vector, 1, &vector, 1, 0),
      CALL(process_madvise, 3, &vector, 1, 4, 0),
      CALL(process_mrelease, 3, 0),
      CALL(kcmp, pid, pid, 0, 0, 0),
      CALL(bpf, BPF_MAP_CREATE, &attribute, sizeof attribute),
      CALL(perf_event_open, &event, 0, -1, -1, 0),
      CALL(io_uring_setup, 1, bytes),
      CALL(io_uring_enter, 3, 1, 0, 0, 0),
      CALL(io_uring_register, 3, 0, 0, 0),
      CALL(io_setup, 1, bytes),
      CALL(io_submit, 0, 1, bytes),
      CALL(setns, 3, 0),
      CALL(unshare, CLONE_NEWUSER),
      CALL(unshare, CLONE_NEWNS),
      CALL(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      CALL(mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      CALL(mmap, 0, 4096, PROT_EXEC, MAP_PRIVATE, 3, 0),
      CALL(pkey_mprotect, bytes, 4096, PROT_EXEC, -1),
      CALL(remap_file_pages, bytes, 4096, PROT_EXEC, 0, 0),
      CALL(shmget, IPC_PRIVATE, 4096, 0600),
      CALL(shmat, 0, 0, 0),
      CALL(msgget, IPC_PRIVATE, 0600),
      CALL(semget, IPC_PRIVATE, 1, 0600),
      CALL(mq_open, "/x", O_CREAT | O_RDWR, 0600, 0),
      CALL(prctl, PR_SET_DUMPABLE, 1, 0, 0, 0),
      CALL(prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0),
      CALL(prctl, PR_SET_SECCOMP, 0, 0, 0, 0),
      CALL(seccomp, 0, 0, 0),
      CALL(arch_prctl, 0x1002, bytes),
      CALL(personality, READ_IMPLIES_EXEC),
      CALL(setuid, 0),
      CALL(setgid, 0),
      CALL(setreuid, 0, 0),
      CALL(setregid, 0, 0),
      CALL(setresuid, 0, 0, 0),
      CALL(setresgid, 0, 0, 0),
      CALL(setfsuid, 0),
      CALL(setfsgid, 0),
      CALL(setgroups, 0, 0),
      CALL(capset, bytes, bytes),
      CALL(setsid),
      CALL(setpgid, 0, 0),
      CALL(keyctl, KEYCTL_GET_KEYRING_ID, -4, 0),
      CALL(add_key, "user", "x", "y", 1, -4),
      CALL(request_key, "user", "x", 0, 0),
      CALL(userfaultfd, 0),
      CALL(eventfd2, 0, 0),
      CALL(signalfd4, -1, bytes, 8, 0),
      CALL(timerfd_create, 1, 0),
      CALL(timer_create, 1, 0, bytes),
      CALL(epoll_create1, 0),
      CALL(init_module, bytes, 1, ""),
      CALL(finit_module, 3, "", 0),
      CALL(delete_module, "x", 0),
      CALL(kexec_load, 0, 0, 0, 0),
      CALL(kexec_file_load, 3, 3, 1, "", 0),
      CALL(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, 0),
      CALL(sethostname, "x", 1),
      CALL(setdomainname, "x", 1),
      CALL(settimeofday, bytes, 0),
      CALL(clock_settime, 0, bytes),
      CALL(clock_adjtime, 0, bytes),
      CALL(adjtimex, bytes),
      CALL(syslog, 3, bytes, sizeof bytes),
      CALL(iopl, 3),
      CALL(ioperm, 0, 1, 1),
      CALL(modify_ldt, 0, bytes, 16),
      CALL(vhangup),
      CALL(setpriority, 0, 0, 19),
      CALL(sched_setscheduler, 0, 0, bytes),
      CALL(sched_setaffinity, 0, sizeof set, &set),
      CALL(setrlimit, 0, bytes),
      CALL(prlimit64, pid, 0, 0, bytes),
      CALL(migrate_pages, pid, 64, &set, &set),
      CALL(move_pages, pid, 0, 0, 0, 0, 0),
      CALL(lookup_dcookie, 0, bytes, 1),
      CALL(landlock_create_ruleset, 0, 0, 1),
  };
}

#undef CALL

}  // namespace test
