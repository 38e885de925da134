// What a thread of each task can't do, whoever has taken it over: it tries.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "privilege/identity.h"
#include "privilege/privilege.h"

namespace {

using privilege::Task;

// A call as an attacker makes it; 0 or more: it was done.
using Call = std::function<long()>;
using Calls = std::vector<std::pair<std::string, Call>>;

// In a thread of its own, since nothing is given back.
void in_thread_of(Task task, const std::function<void()>& work) {
  std::thread([&] {
    const auto kept = privilege::keep_only(task);
    ASSERT_TRUE(kept) << kept.error().message;
    work();
  }).join();
}

// In a process of its own, after begin() of all that it takes; its failures are told by its status.
bool in_process(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void expect_refused(const Calls& calls) {
  for (const auto& [name, call] : calls) {
    errno = 0;
    const long result = call();
    EXPECT_EQ(result, -1) << name;
    EXPECT_EQ(errno, EPERM) << name;
  }
}

template <typename... Words>
Call system_call(long number, Words... words) {
  return [=] { return ::syscall(number, words...); };
}

bpf_attr nothing() {
  return {};
}

Calls attempts_to_start_programs() {
  static const char* const arguments[] = {"/bin/true", nullptr};
  return {{"execve", system_call(SYS_execve, arguments[0], arguments, nullptr)},
          {"execveat", system_call(SYS_execveat, AT_FDCWD, arguments[0], arguments, nullptr, 0)},
          {"fork", system_call(SYS_fork)},
          {"vfork", system_call(SYS_vfork)},
          {"clone", system_call(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0)}};
}

Calls attempts_on_processes() {
  static char byte = 0;
  static const iovec here{&byte, 1};
  const pid_t parent = ::getppid();
  return {{"ptrace", system_call(SYS_ptrace, PTRACE_SEIZE, parent, 0, 0)},
          {"process_vm_readv", system_call(SYS_process_vm_readv, parent, &here, 1, &here, 1, 0)},
          {"process_vm_writev", system_call(SYS_process_vm_writev, parent, &here, 1, &here, 1, 0)},
          {"pidfd_getfd", system_call(SYS_pidfd_getfd, -1, 0, 0)},
          {"kill", system_call(SYS_kill, parent, 0)},
          {"tkill", system_call(SYS_tkill, parent, 0)},
          {"tgkill", system_call(SYS_tgkill, parent, parent, 0)},
          {"pidfd_send_signal", system_call(SYS_pidfd_send_signal, -1, 0, nullptr, 0)},
          {"kcmp", system_call(SYS_kcmp, parent, parent, 0, 0, 0)}};
}

Calls attempts_on_the_kernel() {
  static bpf_attr attributes = nothing();
  static perf_event_attr event{};
  Calls calls{{"perf_event_open", system_call(SYS_perf_event_open, &event, 0, -1, -1, 0)},
              {"mount", system_call(SYS_mount, "none", "/tmp", "tmpfs", 0, nullptr)},
              {"umount2", system_call(SYS_umount2, "/tmp", 0)},
              {"open_tree", system_call(SYS_open_tree, AT_FDCWD, "/", 0)},
              {"setns", system_call(SYS_setns, -1, 0)},
              {"unshare", system_call(SYS_unshare, CLONE_NEWUSER)},
              {"chroot", system_call(SYS_chroot, "/tmp")},
              {"pivot_root", system_call(SYS_pivot_root, "/", "/")},
              {"open_by_handle_at", system_call(SYS_open_by_handle_at, -1, nullptr, 0)},
              {"kexec_load", system_call(SYS_kexec_load, 0, 0, nullptr, 0)},
              {"kexec_file_load", system_call(SYS_kexec_file_load, -1, -1, 0, nullptr, 0)},
              {"init_module", system_call(SYS_init_module, nullptr, 0, "")},
              {"finit_module", system_call(SYS_finit_module, -1, "", 0)},
              {"reboot", system_call(SYS_reboot, 0, 0, 0, nullptr)},
              {"io_uring_setup", system_call(SYS_io_uring_setup, 1, nullptr)},
              {"userfaultfd", system_call(SYS_userfaultfd, 0)},
              {"keyctl", system_call(SYS_keyctl, 0, 0, 0, 0, 0)}};
  for (const int command : {BPF_MAP_CREATE, BPF_PROG_LOAD, BPF_OBJ_GET, BPF_PROG_ATTACH,
                            BPF_MAP_GET_FD_BY_ID, BPF_RAW_TRACEPOINT_OPEN, BPF_LINK_CREATE}) {
    calls.emplace_back("bpf " + std::to_string(command),
                       system_call(SYS_bpf, command, &attributes, sizeof attributes));
  }
  return calls;
}

Calls attempts_to_become_another() {
  return {{"setresuid", system_call(SYS_setresuid, 0, 0, 0)},
          {"setresgid", system_call(SYS_setresgid, 0, 0, 0)},
          {"setgroups", system_call(SYS_setgroups, 0, nullptr)},
          {"dumpable", system_call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)},
          {"ptracer", system_call(SYS_prctl, PR_SET_PTRACER, 1, 0, 0, 0)}};
}

Calls attempts_to_bring_code() {
  constexpr int kWrittenCode = PROT_READ | PROT_WRITE | PROT_EXEC;
  return {{"mmap",
           system_call(SYS_mmap, nullptr, 4096, kWrittenCode, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)},
          {"mprotect", system_call(SYS_mprotect, nullptr, 0, kWrittenCode)}};
}

Calls attempts_to_write_files() {
  return {{"openat for writing", system_call(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY)},
          {"openat for both", system_call(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR)},
          {"openat makes", system_call(SYS_openat, AT_FDCWD, "/tmp/none-of-ours", O_CREAT, 0600)},
          {"open for writing", system_call(SYS_open, "/dev/null", O_WRONLY)},
          {"creat", system_call(SYS_creat, "/tmp/none-of-ours", 0600)},
          {"unlinkat", system_call(SYS_unlinkat, AT_FDCWD, "/tmp/none-of-ours", 0)},
          {"renameat2", system_call(SYS_renameat2, AT_FDCWD, "/none", AT_FDCWD, "/none-too", 0)},
          {"mkdirat", system_call(SYS_mkdirat, AT_FDCWD, "/tmp/none-of-ours", 0700)},
          {"symlinkat", system_call(SYS_symlinkat, "x", AT_FDCWD, "/tmp/none-of-ours")},
          {"fchmodat", system_call(SYS_fchmodat, AT_FDCWD, "/tmp/none-of-ours", 0)},
          {"truncate", system_call(SYS_truncate, "/tmp/none-of-ours", 0)},
          {"utimensat", system_call(SYS_utimensat, AT_FDCWD, "/tmp/none-of-ours", nullptr, 0)},
          {"fchmodat2", system_call(452, AT_FDCWD, "/tmp/none-of-ours", 0, 0)}};
}

Calls attempts_to_reach_others() {
  static const char address[16] = "";
  return {{"connect", system_call(SYS_connect, -1, nullptr, 0)},
          {"bind", system_call(SYS_bind, -1, nullptr, 0)},
          {"listen", system_call(SYS_listen, -1, 1)},
          {"sendto", system_call(SYS_sendto, -1, address, 1, MSG_FASTOPEN, address, 16)},
          {"sendmsg", system_call(SYS_sendmsg, -1, nullptr, 0)},
          {"sendmmsg", system_call(SYS_sendmmsg, -1, nullptr, 0, 0)}};
}

// Each ends another process, or lets it stand still, by a way round kill().
Calls attempts_by_a_way_round() {
  const pid_t parent = ::getppid();
  static const rlimit64 none{0, 0};
  return {{"F_SETOWN", system_call(SYS_fcntl, 0, F_SETOWN, parent)},
          {"F_SETOWN_EX", system_call(SYS_fcntl, 0, F_SETOWN_EX, nullptr)},
          {"F_SETSIG", system_call(SYS_fcntl, 0, F_SETSIG, SIGKILL)},
          {"FIOSETOWN", system_call(SYS_ioctl, 0, FIOSETOWN, nullptr)},
          {"SIOCSPGRP", system_call(SYS_ioctl, 0, SIOCSPGRP, nullptr)},
          {"prlimit64", system_call(SYS_prlimit64, parent, RLIMIT_CPU, &none, nullptr)},
          {"setpriority", system_call(SYS_setpriority, PRIO_PROCESS, parent, 19)},
          {"setpriority of a user", system_call(SYS_setpriority, PRIO_USER, 0, 19)},
          {"sched_setaffinity", system_call(SYS_sched_setaffinity, parent, 0, nullptr)},
          {"sched_setscheduler", system_call(SYS_sched_setscheduler, parent, SCHED_IDLE, nullptr)},
          {"ioprio_set", system_call(SYS_ioprio_set, 1, parent, 0)}};
}

Calls attempts_to_make_code() {
  return {{"memfd_create", system_call(SYS_memfd_create, "code", 0)},
          {"mprotect", system_call(SYS_mprotect, nullptr, 0, PROT_READ | PROT_EXEC)}};
}

class ForbiddenCalls : public testing::Test {
 protected:
  void SetUp() override {
#ifdef VALKYRIA_SANITIZED
    GTEST_SKIP() << "sanitizers need what is forbidden";
#endif
  }
};

using AnHttpThread = ForbiddenCalls;

TEST_F(AnHttpThread, StartsNoProgramAndNoProcess) {
  in_thread_of(Task::kServe, [] { expect_refused(attempts_to_start_programs()); });
}

// Those that nobody makes are forbidden by begin(), before any thread starts.
TEST_F(AnHttpThread, CannotTouchOtherProcesses) {
  in_thread_of(Task::kServe, [] {
    for (const auto& attempt : attempts_on_processes()) {
      for (const char* name :
           {"process_vm_readv", "kill", "tkill", "tgkill", "pidfd_send_signal"}) {
        if (attempt.first == name) expect_refused({attempt});
      }
    }
  });
}

TEST_F(AnHttpThread, EndsAndStopsNoOtherProcessByAWayRound) {
  in_thread_of(Task::kServe, [] { expect_refused(attempts_by_a_way_round()); });
  in_thread_of(Task::kReadMemory, [] { expect_refused(attempts_by_a_way_round()); });
}

TEST_F(AnHttpThread, MakesNoCodeOfItsOwn) {
  in_thread_of(Task::kServe, [] { expect_refused(attempts_to_make_code()); });
}

TEST_F(AnHttpThread, LoadsNoProgramIntoTheKernel) {
  in_thread_of(Task::kServe, [] {
    for (const auto& attempt : attempts_on_the_kernel()) {
      if (attempt.first.starts_with("bpf") || attempt.first == "perf_event_open") {
        expect_refused({attempt});
      }
    }
  });
}

TEST_F(AnHttpThread, BecomesNobodyElse) {
  in_thread_of(Task::kServe, [] { expect_refused(attempts_to_become_another()); });
}

TEST_F(AnHttpThread, WritesNoFile) {
  in_thread_of(Task::kServe, [] { expect_refused(attempts_to_write_files()); });
}

TEST_F(AnHttpThread, ReachesNobody) {
  in_thread_of(Task::kServe, [] { expect_refused(attempts_to_reach_others()); });
}

TEST_F(AnHttpThread, CanDoItsWork) {
  in_thread_of(Task::kServe, [] {
    std::thread([] {}).join();  // pthread_create() finds its way without clone3
    std::string text;
    EXPECT_TRUE(std::getline(std::ifstream("/proc/self/stat"), text));
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_GE(socket, 0);
    ::close(socket);
    EXPECT_EQ(::prctl(PR_SET_NAME, "http"), 0);
  });
}

TEST_F(ForbiddenCalls, ReadingMemoryIsATaskOfItsOwn) {
  in_thread_of(Task::kReadMemory, [] {
    char from = 'x';
    char to = 0;
    const iovec remote{&from, 1};
    const iovec local{&to, 1};
    EXPECT_EQ(::process_vm_readv(::getpid(), &local, 1, &remote, 1, 0), 1);
    EXPECT_EQ(to, 'x');
    expect_refused(attempts_to_start_programs());
    expect_refused(attempts_to_become_another());
  });
}

TEST_F(ForbiddenCalls, WritingFilesIsATaskOfItsOwn) {
  in_thread_of(Task::kWriteFiles, [] {
    const int file = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    EXPECT_GE(file, 0);
    ::close(file);
    expect_refused(attempts_to_start_programs());
    for (const auto& attempt : attempts_on_processes()) {
      if (attempt.first == "process_vm_readv") expect_refused({attempt});
    }
  });
}

TEST_F(ForbiddenCalls, AThreadKeepsThemForThoseThatItStarts) {
  in_thread_of(Task::kServe,
               [] { std::thread([] { expect_refused(attempts_to_start_programs()); }).join(); });
}

TEST_F(ForbiddenCalls, OtherThreadsAreNotTouched) {
  in_thread_of(Task::kServe, [] {});
  EXPECT_TRUE(in_process([] { return true; }));
}

TEST_F(ForbiddenCalls, WorkRunsWithOnlyWhatItsTaskNeeds) {
  const auto done = privilege::run_with_only(Task::kServe, [] {
    expect_refused(attempts_to_write_files());
    return base::Result<void>(base::fail("what the work says"));
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "what the work says");
}

// What follows takes a process, and the capabilities to begin.
class ABegunProcess : public ForbiddenCalls {
 protected:
  void SetUp() override {
    ForbiddenCalls::SetUp();
    if (IsSkipped()) return;
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }

  static bool begin() { return privilege::begin(false).has_value(); }

  static bool are_refused(const Calls& calls) {
    for (const auto& [name, call] : calls) {
      if (call() == -1 && errno == EPERM) continue;
      std::fprintf(stderr, "%s was not refused\n", name.c_str());
      return false;
    }
    return true;
  }
};

// In a thread without capabilities the kernel would refuse some of these anyway; here nobody may
// make them who can start programs.
TEST_F(ABegunProcess, TracesNobodyAndChangesNobodysMemory) {
  EXPECT_TRUE(in_process([] {
    Calls calls;
    for (const auto& attempt : attempts_on_processes()) {
      for (const char* name : {"ptrace", "process_vm_writev", "pidfd_getfd", "kcmp"}) {
        if (attempt.first == name) calls.push_back(attempt);
      }
    }
    return begin() && are_refused(calls);
  }));
}

TEST_F(ABegunProcess, HasNoPowerOverTheMachine) {
  EXPECT_TRUE(in_process([] {
    Calls calls;
    for (const auto& attempt : attempts_on_the_kernel()) {
      const bool is_of_attaching = attempt.first.starts_with("bpf") ||
                                   attempt.first == "perf_event_open" || attempt.first == "chroot";
      if (!is_of_attaching) calls.push_back(attempt);
    }
    return begin() && are_refused(calls);
  }));
}

TEST_F(ABegunProcess, RunsNoCodeThatItWrote) {
  EXPECT_TRUE(in_process([] { return begin() && are_refused(attempts_to_bring_code()); }));
}

TEST_F(ABegunProcess, CanBeLookedIntoByNobody) {
  EXPECT_TRUE(in_process([] { return begin() && ::prctl(PR_GET_DUMPABLE) == 0; }));
}

TEST_F(ABegunProcess, GainsNothingByAnotherProgram) {
  EXPECT_TRUE(in_process([] { return begin() && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }));
}

TEST_F(ABegunProcess, HasNothingInItsBoundingSetThatNoTaskNeeds) {
  EXPECT_TRUE(in_process([] {
    constexpr int kSysModule = 16;
    constexpr int kDacOverride = 1;
    constexpr int kBpf = 39;
    return begin() && ::prctl(PR_CAPBSET_READ, kSysModule, 0, 0, 0) == 0 &&
           ::prctl(PR_CAPBSET_READ, kDacOverride, 0, 0, 0) == 0 &&
           ::prctl(PR_CAPBSET_READ, kBpf, 0, 0, 0) == 1;
  }));
}

TEST_F(ABegunProcess, IsTheUserThatItIsToldToBeAndKeepsWhatItNeeds) {
  EXPECT_TRUE(in_process([] {
    auto begun = privilege::become_user("nobody");
    if (begun) begun = privilege::begin(false);
    if (!begun) std::fprintf(stderr, "%s\n", begun.error().message.c_str());
    return begun && ::getuid() != 0 && ::geteuid() == ::getuid() &&
           privilege::require_to_attach(false).has_value();
  }));
}

TEST_F(ABegunProcess, IsNoUserThatThereIsNot) {
  EXPECT_TRUE(in_process([] {
    const auto begun = privilege::become_user("no-such-user-here");
    return !begun && begun.error().message.find("there is none of this name") != std::string::npos;
  }));
  EXPECT_TRUE(in_process([] {
    const auto begun = privilege::become_user("root");
    return !begun && begun.error().message.find("it is root") != std::string::npos;
  }));
}

}  // namespace
