// The process that unwinds: what it finds, what it may do, and what its end does to us.
#include "profile/unwind_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "elf/symbols.h"
#include "profile_ways.h"
#include "support/deadline.h"

namespace {

namespace fs = std::filesystem;
using profile::StackRequest;
using profile::UnwindProcess;
using testing::HasSubstr;

constexpr std::size_t kStackBytes = 64 * 1024;

// By the kernel: sanitizers mind who reads the stack.
std::vector<std::byte> copy_of_stack(std::uint64_t address) {
  const base::UniqueFd memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  std::vector<std::byte> copy(kStackBytes);
  const ssize_t got = ::pread(memory.get(), copy.data(), copy.size(), static_cast<off_t>(address));
  copy.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return copy;
}

// A sample of this thread, here.
__attribute__((noinline)) StackRequest sample_here() {
  ucontext_t context;
  ::getcontext(&context);
  const auto& all = context.uc_mcontext.gregs;
  constexpr int kInOrder[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                              REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                              REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
  StackRequest request;
  for (std::size_t i = 0; i < elf::kRegisters; ++i) {
    request.registers[i] = static_cast<std::uint64_t>(all[kInOrder[i]]);
  }
  request.stack_address = request.registers[elf::kStackPointer] - 128;
  request.stack = copy_of_stack(request.stack_address);
  return request;
}

__attribute__((noinline)) StackRequest sample_deeper(int depth) {
  if (depth == 0) return sample_here();
  StackRequest request = sample_deeper(depth - 1);
  return request;
}

confined::Patience patience() {
  return {test::soon(), {}};
}

target::CodeMap own_code() {
  auto code = target::read_code_map("/proc", ::getpid());
  if (!code) throw std::runtime_error(code.error().message);
  return std::move(*code);
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

TEST(UnwindProcess, FindsTheStackOfARealThread) {
  UnwindProcess process = start_on(own_code());
  const auto found = process.find({sample_here(), sample_deeper(3)}, patience());
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->stacks.size(), 2u);
  EXPECT_EQ(found->stacks[0].ending, profile::Ending::kComplete);
  EXPECT_EQ(found->stacks[1].ending, profile::Ending::kComplete);
  EXPECT_EQ(found->stacks[1].frames.size(), found->stacks[0].frames.size() + 4);
  const auto names = names_of(*found, 1);
  EXPECT_THAT(names.at(0), HasSubstr("sample_here"));
  for (const std::size_t deep : {1u, 2u, 3u, 4u}) {
    EXPECT_THAT(names.at(deep), HasSubstr("sample_deeper"));
  }
  EXPECT_THAT(names, testing::Contains("main"));
}

TEST(UnwindProcess, TellsNamesOnce) {
  UnwindProcess process = start_on(own_code());
  const std::vector<StackRequest> requests{sample_here()};
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

// So many times the puppet, each at an address of its own.
target::CodeMap code_of(std::size_t files) {
  target::CodeMap code;
  for (std::size_t i = 0; i < files; ++i) {
    const std::string path = VALKYRIA_PUPPET_DIR "/stack_puppet";
    target::CodeFile& file = code.files.emplace_back();
    file.file = {base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path, {}};
    const std::uint64_t begin = (i + 1) << 32;
    target::CodeMapping& mapping = code.mappings.emplace_back();
    mapping.begin = mapping.bias = begin;
    mapping.end = begin + 0x100000;
    mapping.file = i;
  }
  return code;
}

std::uint64_t main_of_puppet() {
  const std::string path = VALKYRIA_PUPPET_DIR "/stack_puppet";
  const auto file =
      elf::ElfFile::open(base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path);
  const auto symbol = file ? elf::find_symbol(*file, "main") : std::nullopt;
  if (!symbol) throw std::runtime_error("no main in " + path);
  return symbol->address;
}

TEST(UnwindProcess, HasRoomForAsManyFilesAsACodeMapHas) {
  const target::CodeMap code = code_of(64);
  UnwindProcess process = start_on(code);
  std::vector<StackRequest> requests(64);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].registers[elf::kReturnAddress] = code.mappings[i].begin + main_of_puppet();
  }
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
  UnwindProcess process = start_on(own_code());
  ASSERT_TRUE(process.find({}, patience()));
  ::kill(unwinding_pid(), SIGKILL);
  const auto found = process.find({sample_here()}, patience());
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("it has ended"));
  EXPECT_FALSE(process.find({sample_here()}, patience())) << "nor does it come back";
  UnwindProcess next = start_on(own_code());
  EXPECT_TRUE(next.find({sample_here()}, patience())) << "the next profile has its own";
}

// As the system would on a crash, in the middle of its work.
TEST(UnwindProcess, FailsWhereItCrashesAtWork) {
  UnwindProcess process = start_on(own_code());
  ASSERT_TRUE(process.find({}, patience()));
  const pid_t pid = unwinding_pid();
  ::kill(pid, SIGSTOP);
  ::kill(pid, SIGSEGV);
  ::kill(pid, SIGCONT);
  EXPECT_FALSE(process.find(std::vector<StackRequest>(64, sample_here()), patience()));
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

// One that was made to do anything.
class HostileUnwindProcess : public testing::Test {
 protected:
  static UnwindProcess start(test::Way way) {
    target::CodeMap code;
    code.files.resize(static_cast<std::size_t>(way));
    return start_on(code);
  }
  static std::string complaint_of(test::Way way, const confined::Patience& patience) {
    auto process = start(way);
    const auto found = process.find({StackRequest{}}, patience);
    EXPECT_FALSE(found);
    return found ? "" : found.error().message;
  }
};

TEST_F(HostileUnwindProcess, MayEnd) {
  target::CodeMap code;
  code.files.resize(static_cast<std::size_t>(test::Way::kEnds));
  auto process = UnwindProcess::start(code, {});
  if (!process) return;  // it was gone before it could be told anything
  EXPECT_FALSE(process->find({StackRequest{}}, patience()));
}

TEST_F(HostileUnwindProcess, MayBeSilent) {
  const confined::Patience little{test::in(std::chrono::milliseconds(30)), {}};
  EXPECT_THAT(complaint_of(test::Way::kIsSilent, little), HasSubstr("does not answer"));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_NE(complaint_of(test::Way::kIsSilent, {test::soon(), stop.get_token()}), "");
}

TEST_F(HostileUnwindProcess, MayTalkNonsense) {
  EXPECT_THAT(complaint_of(test::Way::kTalksNonsense, patience()), HasSubstr("makes no sense"));
}

TEST_F(HostileUnwindProcess, MayLeaveSamplesOut) {
  EXPECT_THAT(complaint_of(test::Way::kLeavesOut, patience()), HasSubstr("left some out"));
}

TEST_F(HostileUnwindProcess, MayNotTellNamesWithoutEnd) {
  auto process = start(test::Way::kTellsNamesWithoutEnd);
  for (int batch = 0; batch < 16; ++batch) {
    ASSERT_TRUE(process.find({}, patience())) << batch;
  }
  const auto found = process.find({}, patience());
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("more names than"));
}

}  // namespace
