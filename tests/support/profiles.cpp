// SPDX-License-Identifier: BSD-2-Clause
#include "support/profiles.h"

#include <algorithm>
#include <cstdlib>

namespace test {
namespace {

constexpr std::uint64_t kProgramBegin = 0x555500000000;
constexpr std::uint64_t kLibraryBegin = 0x7f0000000000;
constexpr std::uint64_t kTenSeconds = 10'000'000'000;
constexpr std::string_view kLispSign = "λ ";

std::size_t number_of(std::vector<std::string>& names, const std::string& name, bool& is_new) {
  const auto at = std::find(names.begin(), names.end(), name);
  const auto number = static_cast<std::size_t>(at - names.begin());
  is_new = at == names.end();
  if (is_new) names.push_back(name);
  return number;
}

model::ProfileFunction function_named(const std::string& frame) {
  if (frame.starts_with(kLispSign)) {
    return {frame.substr(kLispSign.size()), "valk_lval_eval_call", "", model::FunctionKind::kLisp};
  }
  if (frame.starts_with("gc:")) {
    return {frame.substr(3), frame.substr(3), "gc.c", model::FunctionKind::kCollector};
  }
  if (frame == "[kernel]") return {"[kernel]", "", "", model::FunctionKind::kKernel};
  if (frame.starts_with('[')) return {frame, "", "", model::FunctionKind::kMarker};
  return {frame, frame, "src/" + frame + ".c", model::FunctionKind::kNative};
}

}  // namespace

ProfileMaker::ProfileMaker() {
  profile_.process = "shop";
  profile_.pid = 4711;
  profile_.exe = "/usr/bin/shop";
  profile_.build_id = "4f1c9a27";
  profile_.exporter_version = "1.2.3";
  profile_.begun_unix_ns = 1'795'682'400'000'000'000;
  profile_.duration_ns = kTenSeconds;
  profile_.hz = 99;
  // The program is not the first of them: who writes them must look.
  profile_.mappings = {
      {kLibraryBegin, kLibraryBegin + 0x200000, 0x1000, "/usr/lib/libc.so.6", "beef"},
      {kProgramBegin, kProgramBegin + 0x100000, 0, "/usr/bin/shop", "4f1c9a27"}};
  profile_.threads = {{100, "main"}, {101, "worker"}};
}

std::size_t ProfileMaker::function_of(const std::string& frame) {
  bool is_new = false;
  const std::size_t number = number_of(functions_, frame, is_new);
  if (is_new) profile_.functions.push_back(function_named(frame));
  return number;
}

std::size_t ProfileMaker::location_of(const std::string& frame) {
  bool is_new = false;
  const std::size_t number = number_of(frames_, frame, is_new);
  if (!is_new) return number;
  model::ProfileLocation location;
  if (frame.starts_with('+')) {
    location.mapping = 0;
    location.address = kLibraryBegin + std::strtoull(frame.c_str() + 1, nullptr, 16);
  } else if (frame.starts_with('[') || frame.starts_with(kLispSign)) {
    location.lines = {{function_of(frame), 0}};
  } else {
    location.mapping = 1;
    location.address = kProgramBegin + 0x100 * (number + 1);
    const std::size_t inlined = frame.find('|');
    if (inlined != std::string::npos) {
      location.lines.push_back({function_of(frame.substr(inlined + 1)), 7});
    }
    location.lines.push_back({function_of(frame.substr(0, inlined)), 42});
  }
  profile_.locations.push_back(location);
  return number;
}

ProfileMaker& ProfileMaker::add(const std::vector<std::string>& frames, std::uint64_t samples,
                                model::GcPhase phase, std::size_t thread) {
  model::ProfileStack stack;
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    stack.locations.push_back(location_of(*frame));
  }
  stack.thread = thread;
  stack.phase = phase;
  stack.samples = samples;
  profile_.stacks.push_back(stack);
  profile_.counts.samples += samples;
  return *this;
}

model::Profile ProfileMaker::take() const {
  model::Profile profile = profile_;
  profile.cpu_ns = profile.counts.samples * 1'000'000'000 / profile.hz;
  return profile;
}

model::Profile busy_profile() {
  using model::GcPhase;
  ProfileMaker maker;
  const std::vector<std::string> round = {"main", "valk_eval", "λ round"};
  const auto with = [&](std::vector<std::string> below) {
    below.insert(below.begin(), round.begin(), round.end());
    return below;
  };
  maker.add(with({"λ spin-big", "valk_lenv_get", "+0x9f10"}), 300)
      .add(with({"λ spin-big", "valk_lenv_get|strcmp_inlined"}), 60)
      .add(with({"λ spin-big", "valk_lval_copy"}), 90)
      .add(with({"λ spin-mid", "valk_lenv_get", "+0x9f10"}), 160)
      .add(with({"λ spin-mid", "λ fib", "λ fib", "λ fib", "valk_builtin_add"}), 70)
      .add(with({"λ <lambda>", "valk_builtin_map"}), 25)
      .add({"main", "uv_run", "uv__io_poll", "[kernel]"}, 12)
      .add({"main", "valk_gc_collect", "gc:valk_gc_mark"}, 80, GcPhase::kCollecting)
      .add({"main", "valk_gc_collect", "gc:valk_gc_sweep", "+0x8800"}, 40, GcPhase::kCollecting)
      .add({"[truncated]", "λ deep", "valk_lenv_get"}, 9)
      .add({"start_thread", "worker_loop", "λ background", "valk_lenv_get"}, 55, GcPhase::kOutside,
           1)
      .add({"start_thread", "worker_loop", "valk_safe_point"}, 6, GcPhase::kPaused, 1);
  model::Profile profile = maker.take();
  profile.counts.truncated = 9;
  profile.counts.failed = 2;
  profile.counts.lost = 3;
  profile.time = {9'100'000'000, 350'000'000, 60'000'000, 9'600'000'000, 1'240'000'000};
  return profile;
}

model::Profile changed_profile() {
  ProfileMaker maker;
  maker.add({"main", "valk_eval", "λ round", "λ spin-big", "valk_lenv_get", "+0x9f10"}, 100)
      .add({"main", "valk_eval", "λ round", "λ spin-mid", "valk_lenv_get", "+0x9f10"}, 250)
      .add({"main", "valk_eval", "λ round", "λ gone"}, 50)
      .add({"main", "valk_gc_collect", "gc:valk_gc_mark"}, 40, model::GcPhase::kCollecting);
  return maker.take();
}

model::Profile empty_profile() {
  model::Profile profile = ProfileMaker().take();
  profile.cpu_ns = 20'000'000;
  profile.time = {20'000'000, 0, 0, 9'900'000'000, std::nullopt};
  return profile;
}

model::Profile hostile_profile() {
  ProfileMaker maker;
  maker.add({"</script><script>window.ran=1</script>", "<img src=x onerror=window.ran=2>"}, 10)
      .add({"λ \"quoted\\\" 'name' &amp;", "a;b\nc\td"}, 20)
      .add({"λ line\u2028and\u2029paragraph", "λ \xff\xfe\x80", std::string("nul\0byte", 8)}, 30)
      .add({"λ <!--", "λ ]]>", "λ $& $1 $`", "λ __proto__", "λ constructor"}, 40)
      .add({""}, 5);
  model::Profile profile = maker.take();
  profile.process = "</title><script>window.ran=3</script>";
  profile.exe = "/tmp/\xff</script>";
  profile.threads[0].name = "<b>\xc3\n";
  profile.mappings[1].file = "/tmp/\xff</script>";
  return profile;
}

model::Profile large_profile() {
  ProfileMaker maker;
  std::vector<std::string> deep = {"main"};
  for (int i = 0; i < 600; ++i) deep.push_back("λ level-" + std::to_string(i % 20));
  maker.add(deep, 40'000);
  for (int i = 0; i < 300; ++i) {
    std::vector<std::string> stack = {"main", "λ many-" + std::to_string(i)};
    for (int j = 0; j < 200; ++j) stack.push_back("native_" + std::to_string((i * 7 + j) % 97));
    maker.add(stack, i < 20 ? 2'000 : 1);
  }
  return maker.take();
}

}  // namespace test
