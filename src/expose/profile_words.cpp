#include "expose/profile_words.h"

#include <fmt/core.h>

#include "base/utf8.h"

namespace expose {
namespace {

constexpr std::string_view kLispSign = "λ ";
constexpr double kNsPerSecond = 1e9;

std::string module_of(const model::Profile& profile, const model::ProfileLocation& location) {
  if (!location.mapping) return {};
  return base::valid_utf8(file_name(profile.mappings[*location.mapping].file));
}

std::string share(std::uint64_t part, std::uint64_t all) {
  if (all == 0) return "none";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(all));
}

std::string emptiness(const model::Profile& profile) {
  const double seconds = static_cast<double>(profile.duration_ns) / kNsPerSecond;
  if (!profile.cpu_ns) return fmt::format("0 samples in {:.3g} s; idle is not sampled", seconds);
  return fmt::format("0 samples: the process used {:.2g} CPU s in {:.3g} s; idle is not sampled",
                     static_cast<double>(*profile.cpu_ns) / kNsPerSecond, seconds);
}

}  // namespace

std::string frame_name(const model::ProfileFunction& function) {
  std::string name = base::valid_utf8(function.name);
  const bool has_brackets = !name.empty() && name.front() == '[';
  switch (function.kind) {
    case model::FunctionKind::kLisp:
      return std::string(kLispSign) + name;
    case model::FunctionKind::kMarker:
      return has_brackets ? name : fmt::format("[{}]", name);
    case model::FunctionKind::kKernel:
      return name.empty() || has_brackets ? "[kernel]" : "[kernel] " + name;
    case model::FunctionKind::kNative:
    case model::FunctionKind::kCollector:
      break;
  }
  return name;
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string place_name(const model::Profile& profile, const model::ProfileLocation& location) {
  if (!location.mapping) return fmt::format("{:#x}", location.address);
  const model::ProfileMapping& mapping = profile.mappings[*location.mapping];
  return fmt::format("{}+{:#x}", module_of(profile, location),
                     location.address - mapping.begin + mapping.offset);
}

std::vector<std::vector<Frame>> frames_of_locations(const model::Profile& profile) {
  std::vector<std::vector<Frame>> all;
  all.reserve(profile.locations.size());
  for (const model::ProfileLocation& location : profile.locations) {
    std::vector<Frame>& frames = all.emplace_back();
    const std::string module = module_of(profile, location);
    if (location.lines.empty()) {
      frames.push_back({place_name(profile, location), model::FunctionKind::kNative, module, {}});
    }
    for (auto line = location.lines.rbegin(); line != location.lines.rend(); ++line) {
      const model::ProfileFunction& function = profile.functions[line->function];
      frames.push_back(
          {frame_name(function), function.kind, module, base::valid_utf8(function.file)});
    }
  }
  return all;
}

std::uint64_t period_ns(const model::Profile& profile) {
  return profile.hz == 0 ? 0 : static_cast<std::uint64_t>(kNsPerSecond) / profile.hz;
}

std::string thread_name(const model::ProfileThread& thread) {
  return fmt::format("{} ({})", base::valid_utf8(thread.name), thread.number);
}

std::string_view phase_name(model::GcPhase phase) {
  switch (phase) {
    case model::GcPhase::kOutside:
      return "outside";
    case model::GcPhase::kPaused:
      return "paused";
    case model::GcPhase::kCollecting:
      return "collecting";
  }
  return {};
}

std::string thread_time_words(const model::ThreadTime& time) {
  std::string words;
  const auto add = [&](model::Count ns, std::string_view what) {
    if (!ns) return;
    words += fmt::format("{}{:.3g} s {}", words.empty() ? "threads: " : ", ",
                         static_cast<double>(*ns) / kNsPerSecond, what);
  };
  add(time.running_ns, "ran");
  add(time.queued_ns, "waited for a processor");
  add(time.paused_ns, "stood still for collections");
  add(time.polling_ns, "waited for events");
  add(time.blocked_ns, "waited otherwise");
  return words;
}

std::vector<std::string> caveats(const model::Profile& profile) {
  const model::ProfileCounts& counts = profile.counts;
  std::vector<std::string> sentences;
  if (profile.stacks.empty()) sentences.push_back(emptiness(profile));
  if (counts.lost > 0) {
    sentences.push_back(fmt::format("{} samples ({} of all) were lost: nobody took them in time",
                                    counts.lost, share(counts.lost, counts.lost + counts.samples)));
  }
  if (counts.truncated > 0) {
    sentences.push_back(fmt::format(
        "{} samples ({}) are [truncated]: their stacks were longer than what was copied of them "
        "(--stack-bytes), or had more than 1,024 Lisp functions",
        counts.truncated, share(counts.truncated, counts.samples)));
  }
  if (counts.failed > 0) {
    sentences.push_back(
        fmt::format("{} samples ({}) have a stack that could not be followed to its end",
                    counts.failed, share(counts.failed, counts.samples)));
  }
  return sentences;
}

}  // namespace expose
