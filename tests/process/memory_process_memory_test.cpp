// Memory of other processes: some end, some may not be read by the usual call.
#include "memory/process_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

#include "support/child_process.h"

namespace {

constexpr std::uint64_t kNowhere = 0x1000;

std::array<std::uint64_t, 2> numbers{0x1122334455667788, 42};

std::uint64_t address_of(const void* object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

// From now on process_vm_readv fails with `error` in this process.
bool forbid_process_vm_readv(int error) {
  std::array<sock_filter, 4> filter{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_process_vm_readv, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  sock_fprog program{filter.size(), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// Runs `work` in a child that can read us; the code that it ends with.
int in_child(const std::function<int()>& work) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::_exit(work());
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// Good, bad, good. 0: the good ones came, and the bad one didn't.
int read_numbers(memory::ProcessMemory& memory) {
  std::array<std::uint64_t, 3> copy{};
  const auto bytes = std::as_writable_bytes(std::span(copy));
  std::array pieces{memory::Piece{address_of(&numbers[0]), bytes.subspan(0, 8)},
                    memory::Piece{kNowhere, bytes.subspan(8, 8)},
                    memory::Piece{address_of(&numbers[1]), bytes.subspan(16, 8)}};
  if (!memory.read(pieces)) return 2;
  if (!pieces[0].complete || pieces[1].complete || !pieces[2].complete) return 3;
  return copy[0] == numbers[0] && copy[2] == numbers[1] ? 0 : 4;
}

TEST(ProcessMemoryOfAnother, IsReadFromItsFileWhereTheCallIsForbidden) {
  for (const int error : {EPERM, ENOSYS}) {
    const pid_t parent = ::getpid();
    EXPECT_EQ(in_child([&] {
                memory::ProcessMemory memory("/proc/" + std::to_string(parent), parent);
                if (!forbid_process_vm_readv(error)) return 1;
                if (const int fault = read_numbers(memory); fault != 0) return fault;
                if (memory.calls() != 1 + 3) return 5;  // asked once in vain, then for each piece
                if (const int fault = read_numbers(memory); fault != 0) return fault;
                return memory.calls() == 1 + 3 + 3 ? 0 : 6;
              }),
              0)
        << error;
  }
}

TEST(ProcessMemoryOfAnother, IsReadByTheCallWhereThatIsPermitted) {
  const pid_t parent = ::getpid();
  EXPECT_EQ(in_child([&] {
              memory::ProcessMemory memory("/proc/" + std::to_string(parent), parent);
              if (const int fault = read_numbers(memory); fault != 0) return fault;
              return memory.calls() == 2 ? 0 : 5;
            }),
            0);
}

TEST(ProcessMemoryOfAnother, NeedsOneOfTheTwoWays) {
  const pid_t parent = ::getpid();
  EXPECT_EQ(in_child([&] {
              memory::ProcessMemory memory("/nonexistent/" + std::to_string(parent), parent);
              if (!forbid_process_vm_readv(EPERM)) return 1;
              std::uint64_t copy = 0;
              std::array pieces{memory::Piece{address_of(&numbers[0]),
                                              std::as_writable_bytes(std::span(&copy, 1))}};
              const auto read = memory.read(pieces);
              if (read || pieces[0].complete) return 2;
              const std::string& message = read.error().message;
              const bool is_clear =
                  message.find("process_vm_readv is not permitted") != message.npos &&
                  message.find("No such file or directory") != message.npos &&
                  message.find("CAP_SYS_PTRACE") != message.npos;
              return is_clear ? 0 : 3;
            }),
            0);
}

// How reading a child goes after it has ended.
std::string message_after_the_end(bool by_call) {
  test::ChildProcess child("/bin/cat", {});
  memory::ProcessMemory memory("/proc/" + std::to_string(child.pid()), child.pid());
  if (!by_call && !forbid_process_vm_readv(EPERM)) return "no seccomp";
  child.signal(SIGKILL);
  if (!child.wait(test::soon())) return "still alive";
  std::uint64_t copy = 0;
  std::array pieces{
      memory::Piece{address_of(&numbers[0]), std::as_writable_bytes(std::span(&copy, 1))}};
  const auto read = memory.read(pieces);
  return read ? "read" : read.error().message;
}

TEST(ProcessMemoryOfAnother, FailsOnceThatHasEnded) {
  EXPECT_THAT(message_after_the_end(true), testing::HasSubstr("the process has ended"));
  EXPECT_EQ(in_child([] {
              const std::string message = message_after_the_end(false);
              return message.find("the process has ended") != message.npos ? 0 : 1;
            }),
            0);
}

}  // namespace
