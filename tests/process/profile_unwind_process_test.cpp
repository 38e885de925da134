// The process that unwinds: what it finds, what it may do, and what its end does to us.
#include "profile/unwind_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "elf/symbols.h"
#include "support/child_process.h"
#include "support/deadline.h"

namespace {

namespace fs = std::filesystem;
using profile::StackRequest;
using profile::UnwindProcess;
using testing::HasSubstr;

constexpr std::size_t kStackBytes = 64 * 1024;

const std::string& puppet_path() {
  static const std::string path = VALKYRIA_PUPPET_DIR "/stack_puppet";
  return path;
}

base::UniqueFd open_puppet() {
  return base::UniqueFd(::open(puppet_path().c_str(), O_RDONLY | O_CLOEXEC));
}

// As linked.
elf::Symbol symbol_of_puppet(const char* name) {
  const auto file = elf::ElfFile::open(open_puppet(), puppet_path());
  const auto symbol = file ? elf::find_symbol(*file, name) : std::nullopt;
  if (!symbol) throw std::runtime_error(std::string("no ") + name + " in " + puppet_path());
  return *symbol;
}

StackRequest sample_of_stopped(pid_t pid) {
  user_regs_struct all{};
  if (::ptrace(PTRACE_GETREGS, pid, nullptr, &all) != 0) throw std::runtime_error("PTRACE_GETREGS");
  StackRequest request;
  request.registers = {all.rax, all.rdx, all.rcx, all.rbx, all.rsi, all.rdi,
                       all.rbp, all.rsp, all.r8,  all.r9,  all.r10, all.r11,
                       all.r12, all.r13, all.r14, all.r15, all.rip};
  request.stack_address = all.rsp - 128;
  const base::UniqueFd memory(
      ::open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
  request.stack.resize(kStackBytes);
  const ssize_t got = ::pread(memory.get(), request.stack.data(), request.stack.size(),
                              static_cast<off_t>(request.stack_address));
  request.stack.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return request;
}

// Of a child.
StackRequest sample_of(pid_t pid) {
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) != 0 ||
      ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) != 0 ||
      ::waitpid(pid, nullptr, __WALL) != pid) {
    throw std::runtime_error("stop the puppet");
  }
  StackRequest request = sample_of_stopped(pid);
  ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  return request;
}

confined::Patience patience() {
  return {test::soon(), {}};
}

UnwindProcess start_on(const target::CodeMap& code) {
  auto process = UnwindProcess::start(code, {});
  if (!process) throw std::runtime_error(process.error().message);
  return std::move(*process);
}

// The one that we have started.
pid_t unwinding_pid() {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stat(entry.path() / "stat");
    const std::string text{std::istreambuf_iterator<char>(stat), {}};
    std::istringstream after_name(text.substr(text.rfind(')') + 1));
    std::string state;
    pid_t parent = 0;
    after_name >> state >> parent;
    if (parent == ::getpid() && state != "Z") return std::stoi(pid);
  }
  throw std::runtime_error("no child");
}

std::vector<std::string> names_of(const profile::FoundStacks& found, std::size_t stack) {
  std::vector<std::string> names;
  for (const auto& frame : found.stacks.at(stack).frames) {
    for (const auto& line : found.new_locations.at(frame.location).lines) {
      names.push_back(found.new_functions.at(line.function).name);
    }
  }
  return names;
}

// Whether the innermost frame is the puppet's work, at the end of the stack that it was asked for.
bool is_at_work(const StackRequest& sample, const target::CodeMap& code) {
  const elf::Symbol work = symbol_of_puppet("work");
  const std::uint64_t at = sample.registers[elf::kReturnAddress];
  return std::any_of(code.mappings.begin(), code.mappings.end(), [&](const auto& mapping) {
    return code.files[mapping.file].file.path.ends_with("/stack_puppet") &&
           at - mapping.bias - work.address < work.size_bytes;
  });
}

// A small program: what it takes to read our own debug information is no test.
TEST(UnwindProcess, FindsTheStackOfARealThread) {
  test::ChildProcess puppet(puppet_path(), {"recurse", "3"});
  ASSERT_EQ(puppet.read_line(test::soon()), "ready");
  const auto code = target::read_code_map("/proc", puppet.pid());
  ASSERT_TRUE(code) << code.error().message;
  StackRequest sample;
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    sample = sample_of(puppet.pid());
    return is_at_work(sample, *code);
  }));
  UnwindProcess process = start_on(*code);
  const auto found = process.find({sample}, patience());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->stacks.at(0).ending, profile::Ending::kComplete);
  const auto names = names_of(*found, 0);
  ASSERT_GT(names.size(), 6u);
  EXPECT_THAT(std::vector(names.begin(), names.begin() + 6),
              testing::ElementsAre("work", "recurse", "recurse", "recurse", "recurse", "main"));
  EXPECT_EQ(names.back(), "_start");
}

// So many times the puppet, each at an address of its own.
target::CodeMap code_of(std::size_t files) {
  target::CodeMap code;
  for (std::size_t i = 0; i < files; ++i) {
    target::CodeFile& file = code.files.emplace_back();
    file.file = {open_puppet(), puppet_path(), {}};
    const std::uint64_t begin = (i + 1) << 32;
    target::CodeMapping& mapping = code.mappings.emplace_back();
    mapping.begin = mapping.bias = begin;
    mapping.end = begin + 0x100000;
    mapping.file = i;
  }
  return code;
}

// In "main" of one of them.
StackRequest sample_in(const target::CodeMapping& mapping) {
  StackRequest request;
  request.registers[elf::kReturnAddress] = mapping.begin + symbol_of_puppet("main").address;
  return request;
}

TEST(UnwindProcess, TellsNamesOnce) {
  const target::CodeMap code = code_of(1);
  UnwindProcess process = start_on(code);
  const std::vector<StackRequest> requests{sample_in(code.mappings[0])};
  const auto first = process.find(requests, patience());
  const auto second = process.find(requests, patience());
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(first->new_functions.empty());
  EXPECT_TRUE(second->new_functions.empty());
  EXPECT_TRUE(second->new_locations.empty());
  EXPECT_EQ(second->stacks.at(0).frames.size(), first->stacks.at(0).frames.size());
  const auto nothing = process.find({}, patience());
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->stacks.empty());
}

TEST(UnwindProcess, HasRoomForAsManyFilesAsACodeMapHas) {
  const target::CodeMap code = code_of(64);
  UnwindProcess process = start_on(code);
  std::vector<StackRequest> requests;
  for (const auto& mapping : code.mappings) requests.push_back(sample_in(mapping));
  const auto found = process.find(requests, patience());
  ASSERT_TRUE(found) << found.error().message;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(names_of(*found, i), std::vector<std::string>{"main"});
    // With call frames, which say where the end of the copy is.
    EXPECT_EQ(found->stacks.at(i).ending, profile::Ending::kTruncated);
  }
}

TEST(UnwindProcess, FindsLittleInWhatIsNoCode) {
  target::CodeMap code = code_of(2);
  code.files[0].file.fd = base::UniqueFd(::memfd_create("nothing", MFD_CLOEXEC));
  code.files[1].file.fd = base::UniqueFd();
  UnwindProcess process = start_on(code);
  std::vector<StackRequest> requests(2);
  requests[0].registers[elf::kReturnAddress] = code.mappings[0].begin;
  requests[1].registers[elf::kReturnAddress] = code.mappings[1].begin;
  const auto found = process.find(requests, patience());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->new_functions.empty());
  EXPECT_EQ(found->stacks.at(1).ending, profile::Ending::kNoRow);
  EXPECT_EQ(found->new_locations.at(1).module, 1u);
}

std::map<std::string, std::string> status_of(pid_t pid) {
  std::map<std::string, std::string> fields;
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    const std::size_t begin = line.find_first_not_of("\t ", line.find(':') + 1);
    fields[line.substr(0, line.find(':'))] =
        begin == std::string::npos ? std::string() : line.substr(begin);
  }
  return fields;
}

TEST(UnwindProcess, HasNoRights) {
  UnwindProcess process = start_on(code_of(1));
  ASSERT_TRUE(process.find({}, patience())) << "whoever answers is confined";
  const pid_t pid = unwinding_pid();
  const auto status = status_of(pid);
  EXPECT_EQ(status.at("NoNewPrivs"), "1");
  EXPECT_EQ(status.at("Seccomp"), "2");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    EXPECT_EQ(status.at(set), "0000000000000000") << set;
  }
  if (::geteuid() != 0) GTEST_SKIP() << "whoever is not root stays who he is";
  EXPECT_EQ(status.at("CapBnd"), "0000000000000000");
  EXPECT_EQ(status.at("Uid"), "65534\t65534\t65534\t65534");
  const fs::path place = "/proc/" + std::to_string(pid);
  std::error_code error;
  EXPECT_EQ(fs::directory_iterator(place / "root/", error), fs::directory_iterator());
  for (const auto& entry : fs::directory_iterator(place / "fd")) {
    const std::string seen = fs::read_symlink(entry.path());
    EXPECT_THAT(seen, testing::AnyOf("/dev/null", HasSubstr("pipe:"), HasSubstr("stack_puppet")));
  }
}

TEST(UnwindProcess, FailsOnceItIsKilled) {
  const target::CodeMap code = code_of(1);
  const StackRequest sample = sample_in(code.mappings[0]);
  UnwindProcess process = start_on(code);
  ASSERT_TRUE(process.find({}, patience()));
  ::kill(unwinding_pid(), SIGKILL);
  const auto found = process.find({sample}, patience());
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("it has ended"));
  EXPECT_FALSE(process.find({sample}, patience())) << "nor does it come back";
  UnwindProcess next = start_on(code);
  EXPECT_TRUE(next.find({sample}, patience())) << "the next profile has its own";
}

// As the system would on a crash, in the middle of its work.
TEST(UnwindProcess, FailsWhereItCrashesAtWork) {
  const target::CodeMap code = code_of(1);
  UnwindProcess process = start_on(code);
  ASSERT_TRUE(process.find({}, patience()));
  const pid_t pid = unwinding_pid();
  ::kill(pid, SIGSTOP);
  ::kill(pid, SIGSEGV);
  ::kill(pid, SIGCONT);
  EXPECT_FALSE(
      process.find(std::vector<StackRequest>(64, sample_in(code.mappings[0])), patience()));
}

TEST(UnwindProcess, EndsWithItsObject) {
  pid_t pid = 0;
  {
    UnwindProcess process = start_on(code_of(1));
    ASSERT_TRUE(process.find({}, patience()));
    pid = unwinding_pid();
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

}  // namespace
