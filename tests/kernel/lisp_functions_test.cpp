// Names of the Lisp functions in samples of real evaluators.
#include "state/lisp_functions.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "elf/debug_information.h"
#include "memory/process_memory.h"
#include "probe/sampler.h"
#include "probe_fixture.h"
#include "state/known_layouts.h"
#include "support/child_process.h"
#include "support/deadline.h"
#include "support/minivalk.h"
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
    ASSERT_TRUE(programs_->watch(kSlot, pid));
  }

  std::vector<model::StackSample> take(std::size_t count) {
    auto sampler = probe::Sampler::open(*programs_, {.hz = 499, .stack_bytes = 16 * 1024}).value();
    EXPECT_TRUE(sampler.add(kSlot, functions_->chain()));
    std::vector<model::StackSample> samples;
    EXPECT_TRUE(test::wait_until(test::soon(), [&] {
      sampler.take([&](model::StackSample sample) { samples.push_back(std::move(sample)); });
      return samples.size() >= count;
    }));
    return samples;
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

}  // namespace
