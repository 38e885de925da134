// Names of the Lisp functions in samples of real evaluators.
#include "state/lisp_functions.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "elf/debug_information.h"
#include "memory/process_memory.h"
#include "probe/sampler.h"
#include "probe_fixture.h"
#include "profile/aggregate.h"
#include "profile/stack_finder.h"
#include "state/known_layouts.h"
#include "support/child_process.h"
#include "support/deadline.h"
#include "support/minivalk.h"
#include "target/code_map.h"
#include "target/memory_map.h"

namespace {

constexpr std::uint32_t kSlot = 3;

class LispNames : public kernel_test::KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto programs = probe::Programs::load({probe::Group::kGc});
    ASSERT_TRUE(programs) << programs.error().message;
    programs_ = std::make_unique<probe::Programs>(std::move(*programs));
  }

  // Knows where the functions of a process are.
  void open(const std::string& program, pid_t pid) {
    const auto file =
        elf::ElfFile::open(base::UniqueFd(::open(program.c_str(), O_RDONLY | O_CLOEXEC)), program)
            .value();
    const auto layout =
        state::resolve_known_layout(elf::DebugInformation::open(file).value()).value();
    const auto executable = target::open_executable_of("/proc", pid).value();
    const auto maps = target::read_maps("/proc", pid).value();
    functions_ = state::open_lisp_functions(
        layout, target::find_load_bias(maps, executable, file.segments()).value());
    ASSERT_NE(functions_, nullptr);
    memory_ = std::make_unique<memory::ProcessMemory>("/proc", pid);
    functions_->prepare(*memory_);
    ASSERT_TRUE(programs_->watch(kSlot, pid));
  }

  std::vector<model::StackSample> take(std::size_t count) {
    auto sampler = probe::Sampler::open(*programs_, {.hz = 499, .stack_bytes = 16 * 1024}).value();
    EXPECT_TRUE(sampler.add(kSlot, functions_->chain(), functions_->evaluation()));
    std::vector<model::StackSample> samples;
    EXPECT_TRUE(test::wait_until(test::soon(), [&] {
      sampler.take([&](model::StackSample sample) { samples.push_back(std::move(sample)); });
      return samples.size() >= count;
    }));
    return samples;
  }

  // What all samples together are, stack by stack, the outermost function first, without what is
  // outside of the evaluator.
  std::map<std::string, std::uint64_t> profile_of(pid_t pid,
                                                  const std::vector<model::StackSample>& samples) {
    auto code = target::read_code_map("/proc", pid).value();
    std::vector<profile::Module> modules;
    for (const auto& mapping : code.mappings) {
      modules.push_back({mapping.begin, mapping.end, mapping.bias, mapping.file});
    }
    std::vector<profile::CodeFile> files;
    for (target::CodeFile& file : code.files) {
      files.emplace_back(std::move(file.file.fd), base::UniqueFd());
    }
    profile::StackFinder finder({profile::ModuleMap(std::move(modules)), functions_->call_sites()},
                                std::move(files));
    std::vector<profile::StackRequest> requests;
    for (const auto& sample : samples) {
      requests.push_back({sample.registers, sample.stack_address, sample.stack});
    }
    profile::Aggregate aggregate(
        {}, [&](const model::LispFrame& frame) { return functions_->name(frame, *memory_); },
        [](std::uint32_t) { return ""; });
    aggregate.add(samples, finder.find(requests));
    return folded(aggregate.take());
  }

  static std::map<std::string, std::uint64_t> folded(const model::Profile& profile) {
    std::map<std::string, std::uint64_t> stacks;
    for (const model::ProfileStack& stack : profile.stacks) {
      std::string text;
      for (auto location = stack.locations.rbegin(); location != stack.locations.rend();
           ++location) {
        for (const auto& line : profile.locations[*location].lines) {
          const auto& function = profile.functions[line.function];
          text += function.kind == model::FunctionKind::kLisp ? ";(" + function.name + ")"
                                                              : ";" + function.name;
        }
      }
      const std::size_t lisp = text.find(";(");
      stacks[lisp == std::string::npos ? text : text.substr(lisp)] += stack.samples;
    }
    return stacks;
  }

  // The innermost first.
  std::vector<std::string> names_of(const model::StackSample& sample) {
    std::vector<std::string> names;
    for (const model::LispFrame& frame : sample.lisp) {
      names.push_back(functions_->name(frame, *memory_).value_or("(the runtime's own)"));
    }
    return names;
  }

  std::unique_ptr<probe::Programs> programs_;
  std::unique_ptr<state::LispFunctions> functions_;
  std::unique_ptr<memory::ProcessMemory> memory_;
};

// A file that is gone with this object.
class Script {
 public:
  explicit Script(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("valkyria-lisp-test-" + std::to_string(::getpid()) + ".valk")) {
    std::ofstream(path_) << text;
  }
  ~Script() { std::filesystem::remove(path_); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST_F(LispNames, OfMinivalkAreThoseOfTheScript) {
  const Script script(
      "(define (inner n) (if (< n 2) n (+ (inner (- n 1)) (inner (- n 2)))))\n"
      "(define (outer n) (+ 1 (inner n)))\n"
      "(while (< 0 1) (outer 12))\n");
  const test::Minivalk minivalk({"--script", script.path()});
  open(test::built_programs_dir() + "/minivalk", minivalk.pid());
  const auto samples = take(100);
  const auto has = [&](const std::vector<std::string>& names) {
    return names.size() > 2 && names.front() == "inner" && names.back() == "outer" &&
           std::count(names.begin(), names.end(), "inner") == std::ssize(names) - 1;
  };
  const auto deep = std::count_if(samples.begin(), samples.end(),
                                  [&](const auto& sample) { return has(names_of(sample)); });
  EXPECT_GT(deep, std::ssize(samples) / 2);
  for (const auto& sample : samples) {
    for (const std::string& name : names_of(sample)) {
      EXPECT_TRUE(name == "inner" || name == "outer") << name;
    }
  }
}

TEST_F(LispNames, OfADeepRecursionAreThoseOfItsInnermostCalls) {
  const Script script(
      "(define (work n) (if (< n 1) 0 (work (- n 1))))\n"
      "(define (deep n) (if (< n 1) (+ 0 (work 1000000000)) (+ 1 (deep (- n 1)))))\n"
      "(deep 2000)\n");
  const test::Minivalk minivalk({"--script", script.path()});
  open(test::built_programs_dir() + "/minivalk", minivalk.pid());
  const auto samples = take(100);
  const model::StackSample& last = samples.back();
  EXPECT_EQ(last.lisp_ending, model::LispEnding::kCut);
  const auto names = names_of(last);
  ASSERT_EQ(names.size(), VALK_MAX_LISP_FRAMES);
  EXPECT_EQ(names.front(), "work");
  EXPECT_EQ(names.back(), "deep");
}

// A call that still has to evaluate part of its text, a nameless one within the text of another,
// one that is known by two hints alone, and one whose hints contradict each other.
TEST_F(LispNames, OfTheRuntimeOfFebruaryAreFoundInTheStackOfItsEvaluator) {
  kernel_test::Puppet puppet(kernel_test::puppet_path("valkyria_2026_02"));
  puppet.tell("create");
  puppet.tell("lisp");
  open(kernel_test::puppet_path("valkyria_2026_02"), puppet.pid());
  ASSERT_TRUE(functions_->evaluation());
  const auto samples = take(200);
  const auto stacks = profile_of(puppet.pid(), samples);
  std::uint64_t whole = 0;
  std::uint64_t late = 0;
  for (const auto& [stack, count] : stacks) {
    if (stack.starts_with(";(outer);(middle);(<lambda>);(inner);work")) whole += count;
    if (stack.starts_with(";(<lambda>);work") || stack.starts_with(";(late);work")) late += count;
    EXPECT_EQ(stack.find("(quick);work"), std::string::npos) << stack;
  }
  EXPECT_GT(whole, samples.size() / 4) << stacks.begin()->first;
  EXPECT_GT(late, samples.size() / 4) << stacks.begin()->first;
}

// Calls of a function in a frame's own name, of one without, and of one whose object may be another
// one by now. What is the runtime's own is told as such.
TEST_F(LispNames, OfTheRuntimeOfDecemberAreFoundWhereItCallsItself) {
  kernel_test::Puppet puppet(kernel_test::puppet_path("valkyria_2025_12"));
  open(kernel_test::puppet_path("valkyria_2025_12"), puppet.pid());
  ASSERT_FALSE(functions_->call_sites().empty());
  puppet.tell("lisp");
  const auto samples = take(100);
  const auto stacks = profile_of(puppet.pid(), samples);
  std::uint64_t whole = 0;
  for (const auto& [stack, count] : stacks) {
    if (stack.starts_with(";(outer);(<lambda>);(inner);(<lambda>);work")) whole += count;
    EXPECT_EQ(stack.find("fleeting"), std::string::npos) << stack;
  }
  EXPECT_GT(whole, samples.size() / 2) << stacks.begin()->first;
}

// A call without arguments in the place of a result is a jump there.
TEST_F(LispNames, OfTheRuntimeOfDecemberAreFoundWhereItJumps) {
  kernel_test::Puppet puppet(kernel_test::puppet_path("valkyria_2025_12"));
  open(kernel_test::puppet_path("valkyria_2025_12"), puppet.pid());
  puppet.tell("jumps");
  const auto count_of = [&](const std::string& begin) {
    const auto samples = take(50);
    std::uint64_t count = 0;
    for (const auto& [stack, samples_of_it] : profile_of(puppet.pid(), samples)) {
      if (stack.starts_with(begin)) count += samples_of_it;
    }
    return count;
  };
  EXPECT_GT(count_of(";(jumper);(tick);work"), 25u);
  // What the evaluator made for the call may be something else by now.
  puppet.tell("anew");
  puppet.tell("jumps");
  EXPECT_GT(count_of(";(jumper);(<lambda>);work"), 25u);
}

}  // namespace
