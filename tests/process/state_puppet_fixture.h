// A running puppet with the memory of a public runtime, and the reader that was made for it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.h"
#include "elf_support.h"
#include "memory/process_memory.h"
#include "state/known_layouts.h"
#include "support/child_process.h"
#include "target/memory_map.h"

namespace test {

class StatePuppet : public testing::Test {
 protected:
  explicit StatePuppet(const std::string& name) : process_(puppet_path(name), {}) {
    if (process_.read_line(soon()) != "ready") throw std::runtime_error(name + " is not ready");
    layout_ = state::resolve_known_layout(open_debug_information(puppet_path(name))).value();
    const auto executable = target::open_executable_of("/proc", process_.pid()).value();
    const auto maps = target::read_maps("/proc", process_.pid()).value();
    const auto file = open_elf(puppet_path(name));
    load_bias_ = target::find_load_bias(maps, executable, file.segments()).value();
    reader_ = state::make_reader(layout_, load_bias_).value();
    memory_ = std::make_unique<memory::ProcessMemory>("/proc", process_.pid());
  }

  void tell(const std::string& command) {
    process_.write_line(command);
    ASSERT_EQ(process_.read_line(soon()), "done");
  }

  // `is_running` is what the reader is told.
  base::Result<state::Readings> read(bool is_running = true) {
    return reader_->read(*memory_, {base::monotonic_ns(), is_running});
  }

  // What the reader says of a member; empty: nothing.
  std::string difference_of(const model::Member& member) const {
    for (const state::Difference& difference : reader_->differences()) {
      if (difference.member == member) return std::string(difference.text);
    }
    return {};
  }

  // Each is a sentence, and the only one of a member that the reader has.
  void expect_sound_differences() const {
    const auto members = reader_->members();
    std::vector<model::Member> seen;
    for (const state::Difference& difference : reader_->differences()) {
      EXPECT_EQ(std::count(members.begin(), members.end(), difference.member), 1)
          << difference.text;
      EXPECT_EQ(std::count(seen.begin(), seen.end(), difference.member), 0) << difference.text;
      EXPECT_TRUE(difference.text.ends_with('.')) << difference.text;
      seen.push_back(difference.member);
    }
    EXPECT_GT(seen.size(), 10U);
  }

  ChildProcess process_;
  state::Layout layout_;
  std::uint64_t load_bias_ = 0;
  std::unique_ptr<state::Reader> reader_;
  std::unique_ptr<memory::ProcessMemory> memory_;
};

}  // namespace test
