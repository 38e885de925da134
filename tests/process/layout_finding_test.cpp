// Layouts looked for by many threads at once, as each watched target does it.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "layout/layouts.h"
#include "layout_behaviours.h"
#include "state/known_layouts.h"
#include "state/layout_text.h"
#include "support/deadline.h"

namespace {

namespace fs = std::filesystem;
using base::Cause;
using std::chrono::milliseconds;
using testing::HasSubstr;

// Beside the executables stands a log, in which each child writes that it has begun ('b'), and that
// it is about to end ('e').
fs::path log_beside(const fs::path& executable) {
  return executable.parent_path() / "log";
}

std::string read_log(const fs::path& log) {
  std::ifstream file(log);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_log(const fs::path& executable, char letter) {
  const base::UniqueFd log(
      ::open(log_beside(executable).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (::write(log.get(), &letter, 1) != 1) std::abort();
}

std::size_t begun_at(const fs::path& log) {
  const std::string letters = read_log(log);
  return static_cast<std::size_t>(std::count(letters.begin(), letters.end(), 'b'));
}

// One that is current, so that it is taken from the cache.
state::Layout some_layout() {
  const state::KnownLayout& known = state::known_layouts().front();
  state::Layout layout{std::string(known.name), "12", {}, {}};
  for (const std::string& path : state::all_paths(known)) {
    layout.fields.push_back({path, 4096, {0}, {}, 8, elf::FieldKind::kUnsigned});
  }
  return layout;
}

int answer() {
  std::fputs(state::write_layout(some_layout()).c_str(), stdout);
  return 0;
}

[[noreturn]] void hang() {
  while (true) ::pause();
}

const test::AddBehaviour kBehaviours[]{
    {"answers",
     [](const fs::path& executable) {
       write_log(executable, 'b');
       return answer();
     }},
    {"begins and hangs",
     [](const fs::path& executable) {
       write_log(executable, 'b');
       hang();
       return 0;
     }},
    {"hangs the first time",
     [](const fs::path& executable) {
       write_log(executable, 'b');
       if (begun_at(log_beside(executable)) == 1) hang();
       return answer();
     }},
    {"answers once there were two",
     [](const fs::path& executable) {
       write_log(executable, 'b');
       test::wait_until(test::soon(), [&] { return begun_at(log_beside(executable)) >= 2; });
       write_log(executable, 'e');
       return answer();
     }},
    {"answers when told",
     [](const fs::path& executable) {
       write_log(executable, 'b');
       test::wait_until(test::soon(), [&] { return fs::exists(executable.parent_path() / "go"); });
       return answer();
     }},
};

class FindLayouts : public testing::Test {
 protected:
  FindLayouts() {
    std::string name = (fs::temp_directory_path() / "finding-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    log_ = directory_ / "log";
  }
  ~FindLayouts() override { fs::remove_all(directory_); }

  // A program whose child behaves like this. Those with other numbers have other contents.
  target::Program program(const std::string& behaviour, int number = 0) const {
    const fs::path path = directory_ / (behaviour + "." + std::to_string(number));
    fs::copy_file("/bin/true", path, fs::copy_options::overwrite_existing);
    std::ofstream(path, std::ios::app) << number;
    auto executable = target::open_executable(path.string());
    if (!executable) throw std::runtime_error(executable.error().message);
    return {std::move(*executable), "12", {}, {}};
  }

  layout::Layouts open(bool with_cache) const {
    layout::Config config;
    config.cache_directory = with_cache ? (directory_ / "cache").string() : "";
    auto layouts = layout::Layouts::open(config);
    if (!layouts) throw std::runtime_error(layouts.error().message);
    return std::move(*layouts);
  }

  bool have_begun(std::size_t count) const {
    return test::wait_until(test::soon(), [&] { return begun_at(log_) >= count; });
  }

  fs::path directory_;
  fs::path log_;
};

constexpr milliseconds kLong = std::chrono::seconds(20);

TEST_F(FindLayouts, ThreadsThatWantTheSameContentShareOneLook) {
  layout::Layouts layouts = open(true);
  std::atomic<int> found = 0;
  {
    const target::Program same = program("answers when told");
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        if (layouts.find(same, kLong)) ++found;
      });
    }
    EXPECT_TRUE(have_begun(1));
    std::ofstream(directory_ / "go") << "go";
    threads.clear();
  }
  EXPECT_EQ(found, 8);
  EXPECT_EQ(begun_at(log_), 1u);
}

TEST_F(FindLayouts, AtMostTwoProcessesRunAtATime) {
  layout::Layouts layouts = open(false);
  std::atomic<int> found = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] {
        const auto executable = program("answers once there were two", i);
        if (layouts.find(executable, kLong)) ++found;
      });
    }
  }
  EXPECT_EQ(found, 6);
  int running = 0;
  int most = 0;
  for (const char letter : read_log(log_)) {
    running += letter == 'b' ? 1 : -1;
    most = std::max(most, running);
  }
  EXPECT_EQ(running, 0);
  EXPECT_EQ(most, 2);
}

TEST_F(FindLayouts, WhoWaitsForAFreeProcessWaitsNoLongerThanHeHasTime) {
  layout::Layouts layouts = open(false);
  std::stop_source source;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      const auto executable = program("begins and hangs", i);
      EXPECT_FALSE(layouts.find(executable, kLong, source.get_token()));
    });
  }
  ASSERT_TRUE(have_begun(2));
  const auto third = layouts.find(program("answers", 3), milliseconds(50));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().cause, Cause::kTimeout);
  EXPECT_THAT(third.error().message, HasSubstr("others were first"));
  source.request_stop();
  threads.clear();
  EXPECT_TRUE(layouts.find(program("answers", 3), kLong));
}

TEST_F(FindLayouts, WhoWaitsForAnotherThreadsAnswerWaitsNoLongerThanHeHasTime) {
  layout::Layouts layouts = open(false);
  std::stop_source source;
  const target::Program same = program("begins and hangs");
  std::jthread first([&] { EXPECT_FALSE(layouts.find(same, kLong, source.get_token())); });
  ASSERT_TRUE(have_begun(1));
  const auto second = layouts.find(same, milliseconds(50));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().cause, Cause::kTimeout);
  EXPECT_THAT(second.error().message, HasSubstr("another thread is at it"));
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_FALSE(layouts.find(same, kLong, stopped.get_token()));
  EXPECT_EQ(begun_at(log_), 1u);
  source.request_stop();
}

TEST_F(FindLayouts, WhoHasMoreTimeThanTheThreadThatLookedLooksHimself) {
  layout::Layouts layouts = open(false);
  const target::Program same = program("hangs the first time");
  std::jthread first([&] { EXPECT_FALSE(layouts.find(same, std::chrono::seconds(1))); });
  ASSERT_TRUE(have_begun(1));
  EXPECT_TRUE(layouts.find(same, kLong));
}

TEST_F(FindLayouts, TakesNothingWithoutFieldsFromTheCache) {
  const target::Program one = program("answers");
  {
    layout::Layouts layouts = open(true);
    ASSERT_EQ(layouts.find(one, kLong).value().origin, "debug information");
    ASSERT_EQ(layouts.find(one, kLong).value().origin, "the cache");
  }
  // As an older exporter may have left it.
  state::Layout empty = some_layout();
  for (const elf::Field& field : empty.fields) empty.missing.push_back({field.path, "reason"});
  empty.fields.clear();
  for (const auto& entry : fs::directory_iterator(directory_ / "cache")) {
    std::ofstream(entry.path(), std::ios::trunc) << state::write_layout(empty);
  }
  EXPECT_EQ(open(true).find(one, kLong).value().origin, "debug information");
}

TEST_F(FindLayouts, RefusesAGivenFileWithoutFields) {
  state::Layout empty = some_layout();
  empty.fields.clear();
  layout::Config config;
  config.layout_file = (directory_ / "given").string();
  std::ofstream(config.layout_file) << state::write_layout(empty);
  const auto layouts = layout::Layouts::open(config);
  ASSERT_FALSE(layouts);
  EXPECT_THAT(layouts.error().message, HasSubstr("it has no fields"));
}

}  // namespace
