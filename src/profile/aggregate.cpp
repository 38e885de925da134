#include "profile/aggregate.h"

#include <algorithm>

#include "profile/outermost_first.h"
#include "profile/runtime_functions.h"

namespace profile {
namespace {

using model::FunctionKind;
using model::GcPhase;

constexpr const char* kNameless = "<lambda>";

// Of one target. Threads and Lisp functions are its own to make.
constexpr std::size_t kMaxThreads = 10'000;
constexpr std::size_t kMaxLispNames = 100'000;

GcPhase phase_of(const model::StackSample& sample) {
  if (!sample.is_in_pause) return GcPhase::kOutside;
  return sample.collects ? GcPhase::kCollecting : GcPhase::kPaused;
}

// What is shown where a stack is not whole; none: it is.
const char* marker_of(Ending ending) {
  switch (ending) {
    case Ending::kComplete:
      return nullptr;
    case Ending::kTruncated:
    case Ending::kTooDeep:
      return "[truncated]";
    case Ending::kNoRow:
    case Ending::kBadMemory:
      return "[unknown caller]";
  }
  return nullptr;
}

// The same of the Lisp functions in it.
const char* marker_of(model::LispEnding ending) {
  switch (ending) {
    case model::LispEnding::kWhole:
      return nullptr;
    case model::LispEnding::kCut:
      return "[truncated]";
    case model::LispEnding::kBroken:
      return "[unknown caller]";
  }
  return nullptr;
}

// A call of the evaluator is a frame at the place of the one that calls.
std::vector<model::LispFrame> calls_in(const FoundStack& stack) {
  std::vector<model::LispFrame> calls;
  std::optional<std::uint64_t> begin;
  for (const FoundFrame& frame : stack.frames) {
    if (frame.called && begin) calls.push_back({*begin, *frame.called, frame.part_of_body});
    begin = frame.end;
  }
  return calls;
}

// The Lisp frames that the runtime keeps within a native one: those below its end that no inner one
// has. Both lists begin with the innermost.
std::vector<std::size_t> frames_with_lisp(const std::vector<model::LispFrame>& lisp,
                                          const FoundStack& stack) {
  std::vector<std::size_t> native_of(lisp.size(), stack.frames.size());
  std::size_t next = 0;
  for (std::size_t native = 0; native < stack.frames.size(); ++native) {
    const auto& end = stack.frames[native].end;
    if (!end) continue;
    while (next < lisp.size() && lisp[next].address < *end) native_of[next++] = native;
  }
  return native_of;
}

// Gives each thing that is used a new number, in the order of asking.
class Renumbering {
 public:
  explicit Renumbering(std::size_t count) : numbers_(count, kNone) {}

  template <typename T>
  std::size_t of(std::size_t old, const std::vector<T>& from, std::vector<T>& to) {
    std::size_t& number = numbers_.at(old);
    if (number == kNone) {
      number = to.size();
      to.push_back(from[old]);
    }
    return number;
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::vector<std::size_t> numbers_;
};

// A copy without what stands in no stack.
model::Profile only_used(const model::Profile& profile) {
  model::Profile used;
  used.mappings = profile.mappings;
  used.threads = profile.threads;
  used.stacks = profile.stacks;
  used.counts = profile.counts;
  Renumbering locations(profile.locations.size());
  for (model::ProfileStack& stack : used.stacks) {
    for (std::size_t& location : stack.locations) {
      location = locations.of(location, profile.locations, used.locations);
    }
  }
  Renumbering functions(profile.functions.size());
  for (model::ProfileLocation& location : used.locations) {
    for (model::ProfileLine& line : location.lines) {
      line.function = functions.of(line.function, profile.functions, used.functions);
    }
  }
  return used;
}

}  // namespace

Aggregate::Aggregate(std::vector<model::ProfileMapping> mappings, LispName lisp_name,
                     ThreadName thread_name)
    : lisp_name_(std::move(lisp_name)), thread_name_(std::move(thread_name)) {
  profile_.mappings = std::move(mappings);
}

void Aggregate::add(const std::vector<model::StackSample>& samples, const FoundStacks& found) {
  add_functions(found);
  for (std::size_t i = 0; i < samples.size() && i < found.stacks.size(); ++i) {
    add_one(samples[i], found.stacks[i]);
  }
}

void Aggregate::add_functions(const FoundStacks& found) {
  for (const FoundFunction& function : found.new_functions) {
    functions_.push_back(profile_.functions.size());
    const FunctionKind kind =
        is_collector(function.name) ? FunctionKind::kCollector : FunctionKind::kNative;
    profile_.functions.push_back({function.name, function.system_name, function.file, kind});
  }
  for (const FoundLocation& location : found.new_locations) {
    locations_.push_back(profile_.locations.size());
    model::ProfileLocation& added = profile_.locations.emplace_back();
    added.address = location.address;
    if (location.module && *location.module < profile_.mappings.size()) {
      added.mapping = location.module;
    }
    for (const FoundLine& line : location.lines) {
      added.lines.push_back({functions_.at(line.function), line.line});
    }
  }
}

void Aggregate::add_one(const model::StackSample& sample, const FoundStack& stack) {
  ++profile_.counts.samples;
  const bool is_cut = stack.ending == Ending::kTruncated || stack.ending == Ending::kTooDeep ||
                      sample.lisp_ending == model::LispEnding::kCut;
  const bool is_whole =
      stack.ending == Ending::kComplete && sample.lisp_ending == model::LispEnding::kWhole;
  if (is_cut) ++profile_.counts.truncated;
  if (!is_cut && !is_whole) ++profile_.counts.failed;
  Key key(thread_of(sample.thread), phase_of(sample), locations_of(sample, stack));
  const bool is_full = stacks_.size() >= kMaxStacks || frames_ >= kMaxFramesOfStacks;
  if (is_full && !stacks_.contains(key)) {
    std::get<2>(key) = {marker_location("[further stacks]")};
  }
  const auto [known, is_new] = stacks_.try_emplace(key, profile_.stacks.size());
  if (is_new) {
    frames_ += std::get<2>(key).size();
    profile_.stacks.push_back({std::get<2>(key), std::get<0>(key), std::get<1>(key), 0});
  }
  ++profile_.stacks[known->second].samples;
}

std::vector<std::size_t> Aggregate::locations_of(const model::StackSample& sample,
                                                 const FoundStack& stack) {
  const std::vector<model::LispFrame> frames = sample.lisp.empty() ? calls_in(stack) : sample.lisp;
  const std::vector<std::size_t> native_of = frames_with_lisp(frames, stack);
  const auto lisp_locations = lisp_locations_of(frames);
  const bool has_lisp = std::any_of(lisp_locations.begin(), lisp_locations.end(),
                                    [](const auto& location) { return location.has_value(); });
  OutermostFirst found;
  if (const char* const marker = marker_of(stack.ending)) found.add_mark(marker_location(marker));
  const char* lisp_marker = marker_of(sample.lisp_ending);  // null: it has its place
  const auto mark_lisp = [&] {
    if (lisp_marker != nullptr) found.add_lisp_mark(marker_location(lisp_marker));
    lisp_marker = nullptr;
  };
  std::size_t lisp = frames.size();
  const auto take_lisp_outside_of = [&](std::size_t native) {
    while (lisp > 0 && native_of[lisp - 1] >= native) {
      const auto location = lisp_locations[--lisp];
      mark_lisp();
      if (location) found.add_lisp(*location);
    }
  };
  for (std::size_t native = stack.frames.size(); native-- > 0;) {
    take_lisp_outside_of(native + 1);
    const std::size_t location = locations_.at(stack.frames[native].location);
    const auto without = without_evaluator(location);
    if (without != location) mark_lisp();
    // Without a Lisp function the evaluator's are all that is known.
    const auto shown = has_lisp ? without : std::optional(location);
    if (shown) found.add_native(*shown);
    take_lisp_outside_of(native);
  }
  if (lisp_marker != nullptr) found.add_outermost_mark(marker_location(lisp_marker));
  if (sample.is_in_kernel) found.add_native(marker_location("[kernel]", FunctionKind::kKernel));
  return std::move(found).innermost_first();
}

// None: it is no function of the program's.
std::vector<std::optional<std::size_t>> Aggregate::lisp_locations_of(
    const std::vector<model::LispFrame>& frames) {
  std::vector<std::optional<std::size_t>> locations;
  locations.reserve(frames.size());
  for (const model::LispFrame& frame : frames) {
    const auto name = lisp_name_(frame);
    locations.push_back(name ? std::optional(lisp_location(*name)) : std::nullopt);
  }
  return locations;
}

// The place without those of its functions that are the evaluator's; none: all are.
std::optional<std::size_t> Aggregate::without_evaluator(std::size_t location) {
  const auto [known, is_new] = without_evaluator_.try_emplace(location);
  if (!is_new) return known->second;
  model::ProfileLocation shown = profile_.locations[location];
  const std::size_t lines = shown.lines.size();
  std::erase_if(shown.lines, [&](const model::ProfileLine& line) {
    return is_evaluator(profile_.functions[line.function].name);
  });
  if (shown.lines.size() == lines) {
    known->second = location;
  } else if (!shown.lines.empty()) {
    known->second = profile_.locations.size();
    profile_.locations.push_back(std::move(shown));
  }
  return known->second;
}

std::size_t Aggregate::lisp_location(const std::string& told) {
  const bool is_full = lisp_locations_.size() >= kMaxLispNames && !lisp_locations_.contains(told);
  const std::string name = told.empty() || is_full ? kNameless : told;
  const auto [known, is_new] = lisp_locations_.try_emplace(name, profile_.locations.size());
  if (is_new) {
    profile_.functions.push_back({name, "", "", FunctionKind::kLisp});
    profile_.locations.push_back({0, std::nullopt, {{profile_.functions.size() - 1, 0}}});
  }
  return known->second;
}

std::size_t Aggregate::marker_location(const std::string& name, FunctionKind kind) {
  const auto [known, is_new] = marker_locations_.try_emplace(name, profile_.locations.size());
  if (is_new) {
    profile_.functions.push_back({name, "", "", kind});
    profile_.locations.push_back({0, std::nullopt, {{profile_.functions.size() - 1, 0}}});
  }
  return known->second;
}

// Past the limit all are thread 0, which no thread is.
std::size_t Aggregate::thread_of(std::uint32_t number) {
  if (threads_.size() >= kMaxThreads && !threads_.contains(number)) number = 0;
  const auto [known, is_new] = threads_.try_emplace(number, profile_.threads.size());
  if (is_new) {
    profile_.threads.push_back({number, number == 0 ? "[further threads]" : thread_name_(number)});
  }
  return known->second;
}

model::Profile Aggregate::take() {
  model::Profile taken = only_used(profile_);
  profile_.stacks.clear();
  profile_.threads.clear();
  profile_.counts = {};
  threads_.clear();
  stacks_.clear();
  frames_ = 0;
  return taken;
}

}  // namespace profile
