// Stacks of real samples, beside what libdwfl's own unwinder makes of the same bytes.
#include "profile/unwinder.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "elf/symbols.h"
#include "probe/sampler.h"
#include "probe_fixture.h"
#include "profile/row_cache.h"
#include "support/child_process.h"
#include "support/deadline.h"
#include "target/code_map.h"

namespace {

constexpr std::uint32_t kSlot = 3;
constexpr std::size_t kSamples = 100;

// The oracle: reads memory from the sample alone, as we do.
class Oracle {
 public:
  explicit Oracle(pid_t pid) : handle_(dwfl_begin(&kCallbacks), dwfl_end) {
    EXPECT_EQ(dwfl_linux_proc_report(handle_.get(), pid), 0);
    EXPECT_EQ(dwfl_report_end(handle_.get(), nullptr, nullptr), 0);
    EXPECT_TRUE(dwfl_attach_state(handle_.get(), nullptr, pid, &kThreads, this));
  }
  std::vector<std::uint64_t> unwind(const model::StackSample& sample) {
    sample_ = &sample;
    addresses_.clear();
    dwfl_getthread_frames(handle_.get(), static_cast<pid_t>(sample.thread), add_frame, this);
    return addresses_;
  }

 private:
  static pid_t next_thread(Dwfl*, void* self, void** thread) {
    if (*thread != nullptr) return 0;
    *thread = self;
    return static_cast<pid_t>(static_cast<Oracle*>(self)->sample_->thread);
  }
  static bool get_thread(Dwfl*, pid_t, void* self, void** thread) {
    *thread = self;
    return true;
  }
  static bool read_memory(Dwfl*, Dwarf_Addr address, Dwarf_Word* word, void* self) {
    const auto& sample = *static_cast<Oracle*>(self)->sample_;
    const auto found = profile::StackBytes(sample.stack_address, sample.stack).word_at(address);
    if (found) *word = *found;
    return found.has_value();
  }
  static bool set_registers(Dwfl_Thread* thread, void* self) {
    const auto& sample = *static_cast<Oracle*>(self)->sample_;
    return dwfl_thread_state_registers(thread, 0, VALK_REGISTERS, sample.registers.data());
  }
  static int add_frame(Dwfl_Frame* frame, void* self) {
    Dwarf_Addr address = 0;
    if (!dwfl_frame_pc(frame, &address, nullptr)) return DWARF_CB_ABORT;
    static_cast<Oracle*>(self)->addresses_.push_back(address);
    return DWARF_CB_OK;
  }

  static constexpr Dwfl_Callbacks kCallbacks{dwfl_linux_proc_find_elf, dwfl_standard_find_debuginfo,
                                             nullptr, nullptr};
  static constexpr Dwfl_Thread_Callbacks kThreads{next_thread,   get_thread, read_memory,
                                                  set_registers, nullptr,    nullptr};

  std::unique_ptr<Dwfl, void (*)(Dwfl*)> handle_;
  const model::StackSample* sample_ = nullptr;
  std::vector<std::uint64_t> addresses_;
};

// Ours, on the files that the process has mapped.
class Unwinder {
 public:
  explicit Unwinder(pid_t pid) {
    auto map = target::read_code_map("/proc", pid);
    if (!map) throw std::runtime_error(map.error().message);
    for (target::CodeFile& code : map->files) {
      auto frames = elf::CallFrames::open(std::move(code.file.fd));
      if (!frames) throw std::runtime_error(frames.error().message);
      rows_.emplace_back(std::move(*frames));
    }
    std::vector<profile::Module> modules;
    for (const auto& mapping : map->mappings) {
      modules.push_back({mapping.begin, mapping.end, mapping.bias, mapping.file});
    }
    modules_ = profile::ModuleMap(std::move(modules));
  }
  profile::Unwound unwind(const model::StackSample& sample) {
    profile::Registers registers;
    for (std::size_t i = 0; i < sample.registers.size(); ++i) {
      registers.set(i, sample.registers[i]);
    }
    return profile::unwind(
        registers, {sample.stack_address, sample.stack}, modules_,
        [this](std::size_t file, std::uint64_t address) { return rows_.at(file).row_at(address); });
  }

 private:
  std::vector<profile::RowCache> rows_;
  profile::ModuleMap modules_;
};

std::vector<std::uint64_t> addresses_of(const profile::Unwound& unwound) {
  std::vector<std::uint64_t> addresses;
  for (const profile::Frame& frame : unwound.frames) addresses.push_back(frame.address);
  return addresses;
}

struct Shape {
  std::vector<std::string> arguments;
  std::size_t least_frames;
};

class UnwinderOfShape : public kernel_test::KernelTest,
                        public testing::WithParamInterface<Shape> {};

std::vector<model::StackSample> sample(const probe::Programs& programs, pid_t pid,
                                       std::uint32_t stack_bytes) {
  EXPECT_TRUE(const_cast<probe::Programs&>(programs).watch(kSlot, pid));
  auto sampler = probe::Sampler::open(programs, {.hz = 999, .stack_bytes = stack_bytes});
  EXPECT_TRUE(sampler) << sampler.error().message;
  EXPECT_TRUE(sampler->add(kSlot));
  std::vector<model::StackSample> samples;
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    sampler->take([&](model::StackSample taken) { samples.push_back(std::move(taken)); });
    return samples.size() >= kSamples;
  }));
  return samples;
}

TEST_P(UnwinderOfShape, ReachesTheFirstFrameAndAgreesWithTheOracle) {
  test::ChildProcess puppet(kernel_test::puppet_path("stack_puppet"), GetParam().arguments);
  ASSERT_EQ(puppet.read_line(test::soon()), "ready");
  auto programs = probe::Programs::load({probe::Group::kGc});
  ASSERT_TRUE(programs) << programs.error().message;
  const auto samples = sample(*programs, puppet.pid(), VALK_MAX_STACK_BYTES);
  Unwinder ours(puppet.pid());
  Oracle oracle(puppet.pid());
  std::size_t complete = 0;
  std::size_t same = 0;
  for (const model::StackSample& taken : samples) {
    const profile::Unwound unwound = ours.unwind(taken);
    if (unwound.ending == profile::Ending::kComplete) ++complete;
    if (addresses_of(unwound) == oracle.unwind(taken)) ++same;
    // It may be sampled a moment before it is at the end of its stack.
    if (&taken == &samples.back()) {
      EXPECT_GE(unwound.frames.size(), GetParam().least_frames);
    }
  }
  EXPECT_GE(complete * 100, samples.size() * 99);
  EXPECT_GE(same * 100, samples.size() * 99);
}

INSTANTIATE_TEST_SUITE_P(Shapes, UnwinderOfShape,
                         testing::Values(Shape{{"recurse", "500"}, 500}, Shape{{"callback"}, 5},
                                         Shape{{"signal"}, 5}, Shape{{"wide"}, 4}),
                         [](const auto& shape) { return shape.param.arguments[0]; });

// As bpftrace or we probe the returns of a function, in this process: the kernel puts the address
// of its trampoline in the place of each return address.
base::UniqueFd probe_returns(pid_t pid, const std::string& program, const char* function) {
  auto file = elf::ElfFile::open(base::UniqueFd(::open(program.c_str(), O_RDONLY)), program);
  const auto symbol = elf::find_symbol(*file, function);
  std::ifstream type("/sys/bus/event_source/devices/uprobe/type");
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  type >> attributes.type;
  attributes.config = 1;  // returns: /sys/bus/event_source/devices/uprobe/format/retprobe
  attributes.config1 = reinterpret_cast<std::uint64_t>(program.c_str());
  for (const elf::Segment& segment : file->segments()) {
    if (symbol->address - segment.address < segment.file_size) {
      attributes.config2 = symbol->address - segment.address + segment.offset;
    }
  }
  return base::UniqueFd(static_cast<int>(
      ::syscall(SYS_perf_event_open, &attributes, pid, -1, -1, PERF_FLAG_FD_CLOEXEC)));
}

using UnwinderOfProbedReturns = kernel_test::KernelTest;

TEST_F(UnwinderOfProbedReturns, SeesThroughTheTrampoline) {
  const std::string program = kernel_test::puppet_path("stack_puppet");
  test::ChildProcess puppet(program, {"callback"});
  ASSERT_EQ(puppet.read_line(test::soon()), "ready");
  const base::UniqueFd probed = probe_returns(puppet.pid(), program, "work");
  const base::UniqueFd caller = probe_returns(puppet.pid(), program, "compare");
  ASSERT_TRUE(probed && caller) << base::errno_text(errno);
  auto programs = probe::Programs::load({probe::Group::kGc});
  ASSERT_TRUE(programs) << programs.error().message;
  const auto samples = sample(*programs, puppet.pid(), 16 * 1024);
  Unwinder ours(puppet.pid());
  std::size_t complete = 0;
  for (const model::StackSample& taken : samples) {
    if (ours.unwind(taken).ending == profile::Ending::kComplete) ++complete;
  }
  // But for those at a function's first instruction, where the kernel is about to change the
  // address.
  EXPECT_GE(complete * 100, samples.size() * 90);
}

using UnwinderOfDeepStack = kernel_test::KernelTest;

TEST_F(UnwinderOfDeepStack, SaysWhereTheCopyEnds) {
  test::ChildProcess puppet(kernel_test::puppet_path("stack_puppet"), {"recurse", "5000"});
  ASSERT_EQ(puppet.read_line(test::soon()), "ready");
  auto programs = probe::Programs::load({probe::Group::kGc});
  ASSERT_TRUE(programs) << programs.error().message;
  const auto samples = sample(*programs, puppet.pid(), 16 * 1024);
  Unwinder ours(puppet.pid());
  const profile::Unwound unwound = ours.unwind(samples.back());
  EXPECT_EQ(unwound.ending, profile::Ending::kTruncated);
  EXPECT_GT(unwound.frames.size(), 100u);
}

}  // namespace
