// Any stacks and any Lisp frames, added up.
#include "profile/aggregate.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <set>
#include <tuple>

#include "fuzz/require.h"

namespace {

using fuzz::require;

constexpr std::uint64_t kOfRuntime = 3;  // a Lisp frame that is none of the program's

constexpr const char* kNames[] = {"main", "evaluate", "evaluate_pair", "mark", "valk_gc_x", ""};

// What came before stays: later batches point to it.
struct Counts {
  std::size_t functions = 0;
  std::size_t locations = 0;
};

profile::FoundStacks found_from(FuzzedDataProvider& input, Counts& counts) {
  profile::FoundStacks found;
  for (int i = input.ConsumeIntegralInRange<int>(0, 4); i > 0; --i, ++counts.functions) {
    found.new_functions.push_back({input.PickValueInArray(kNames), "", ""});
  }
  for (int i = input.ConsumeIntegralInRange<int>(0, 6); i > 0; --i, ++counts.locations) {
    auto& location = found.new_locations.emplace_back();
    location.address = input.ConsumeIntegral<std::uint8_t>();
    if (input.ConsumeBool()) location.module = input.ConsumeIntegralInRange<std::size_t>(0, 2);
    for (int line = input.ConsumeIntegralInRange<int>(0, 3); line > 0 && counts.functions > 0;
         --line) {
      location.lines.push_back(
          {input.ConsumeIntegralInRange<std::size_t>(0, counts.functions - 1), 1});
    }
  }
  if (counts.locations == 0) return found;
  for (int i = input.ConsumeIntegralInRange<int>(0, 8); i > 0; --i) {
    profile::FoundStack& stack = found.stacks.emplace_back();
    stack.ending = static_cast<profile::Ending>(input.ConsumeIntegralInRange<int>(0, 4));
    for (int frame = input.ConsumeIntegralInRange<int>(1, 12); frame > 0; --frame) {
      auto& added = stack.frames.emplace_back();
      added.location = input.ConsumeIntegralInRange<std::size_t>(0, counts.locations - 1);
      if (input.ConsumeBool()) added.end = input.ConsumeIntegral<std::uint8_t>();
      if (input.ConsumeBool()) added.called = input.ConsumeIntegralInRange<std::uint64_t>(0, 3);
    }
  }
  return found;
}

model::StackSample sample_from(FuzzedDataProvider& input) {
  model::StackSample sample;
  sample.thread = input.ConsumeIntegralInRange<std::uint32_t>(0, 3);
  sample.is_in_kernel = input.ConsumeBool();
  sample.is_in_pause = input.ConsumeBool();
  sample.collects = input.ConsumeBool();
  sample.lisp_ending = static_cast<model::LispEnding>(input.ConsumeIntegralInRange<int>(0, 2));
  for (int i = input.ConsumeIntegralInRange<int>(0, 12); i > 0; --i) {
    sample.lisp.push_back(
        {input.ConsumeIntegral<std::uint8_t>(), input.ConsumeIntegralInRange<std::uint64_t>(0, 3)});
  }
  return sample;
}

void check_places(const model::Profile& profile) {
  for (const auto& location : profile.locations) {
    require(!location.mapping || *location.mapping < profile.mappings.size(),
            "a place is in a mapping that is there");
    for (const auto& line : location.lines) {
      require(line.function < profile.functions.size(), "a place is in a function that is there");
    }
  }
}

std::uint64_t frames_of_kind(const model::Profile& profile, const model::ProfileStack& stack,
                             model::FunctionKind kind) {
  std::uint64_t frames = 0;
  for (const std::size_t place : stack.locations) {
    const auto& lines = profile.locations.at(place).lines;
    if (!lines.empty() && profile.functions.at(lines[0].function).kind == kind) ++frames;
  }
  return frames;
}

// How often Lisp functions stand in all samples: none is lost, and none made up.
std::uint64_t lisp_frames_of(const model::Profile& profile) {
  std::uint64_t frames = 0;
  for (const auto& stack : profile.stacks) {
    frames += stack.samples * frames_of_kind(profile, stack, model::FunctionKind::kLisp);
  }
  return frames;
}

// What is not whole says so: at its outer end, where Lisp functions are missing, or both.
void check_marks(const model::Profile& profile) {
  std::uint64_t marked = 0;
  for (const auto& stack : profile.stacks) {
    const auto marks = frames_of_kind(profile, stack, model::FunctionKind::kMarker);
    require(marks <= 2, "a stack is marked where it is not whole");
    if (marks > 0) marked += stack.samples;
  }
  require(marked == profile.counts.truncated + profile.counts.failed, "what is counted is marked");
}

void check_stacks(const model::Profile& profile) {
  std::set<std::tuple<std::vector<std::size_t>, std::size_t, model::GcPhase>> seen;
  std::uint64_t samples = 0;
  for (const auto& stack : profile.stacks) {
    require(!stack.locations.empty() && stack.samples > 0, "a stack is somewhere");
    require(stack.thread < profile.threads.size(), "a stack is of a thread that is there");
    require(seen.emplace(stack.locations, stack.thread, stack.phase).second,
            "a stack is told once");
    samples += stack.samples;
  }
  require(samples == profile.counts.samples, "each sample is in a stack");
  require(profile.counts.truncated + profile.counts.failed <= samples, "a part is not more");
}

// Where the runtime keeps no chain, what calls of the evaluator tell stands for it.
std::uint64_t lisp_functions_in(const model::StackSample& sample,
                                const profile::FoundStack& stack) {
  std::uint64_t functions = 0;
  for (const model::LispFrame& frame : sample.lisp) {
    if (frame.function != kOfRuntime) ++functions;
  }
  if (!sample.lisp.empty()) return functions;
  for (std::size_t i = 1; i < stack.frames.size(); ++i) {
    const auto& called = stack.frames[i].called;
    if (called && *called != kOfRuntime && stack.frames[i - 1].end) ++functions;
  }
  return functions;
}

// Some batches, and what they come to.
void add_and_check(profile::Aggregate& aggregate, FuzzedDataProvider& input, Counts& counts) {
  std::uint64_t added = 0;
  std::uint64_t lisp_frames = 0;
  for (int batch = input.ConsumeIntegralInRange<int>(0, 3); batch > 0; --batch) {
    const profile::FoundStacks found = found_from(input, counts);
    std::vector<model::StackSample> samples;
    for (std::size_t i = 0; i < found.stacks.size(); ++i) {
      samples.push_back(sample_from(input));
      lisp_frames += lisp_functions_in(samples.back(), found.stacks[i]);
    }
    aggregate.add(samples, found);
    added += samples.size();
  }
  const model::Profile profile = aggregate.take();
  require(profile.counts.samples == added, "samples are counted");
  check_places(profile);
  check_stacks(profile);
  check_marks(profile);
  require(lisp_frames_of(profile) == lisp_frames, "every Lisp function has its place");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  profile::Aggregate aggregate(
      std::vector<model::ProfileMapping>(2),
      [](const model::LispFrame& frame) {
        return frame.function == kOfRuntime ? std::nullopt
                                            : std::optional(std::string(frame.function, 'f'));
      },
      [](std::uint32_t) { return std::string("t"); });
  Counts counts;
  for (int part = 0; part < 3 && input.remaining_bytes() > 0; ++part) {
    add_and_check(aggregate, input, counts);
  }
  return 0;
}
