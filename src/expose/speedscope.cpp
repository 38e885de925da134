#include "expose/speedscope.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "expose/json_text.h"
#include "expose/profile_words.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;

// The frames that stacks refer to by number, each once.
class FrameTable {
 public:
  explicit FrameTable(const model::Profile& profile) {
    for (const std::vector<Frame>& frames : frames_of_locations(profile)) {
      std::vector<std::size_t>& numbers = of_location_.emplace_back();
      for (const Frame& frame : frames) numbers.push_back(number_of(frame));
    }
  }

  // The outermost first.
  Json frames_of(const model::ProfileStack& stack) const {
    Json numbers = Json::array();
    for (auto at = stack.locations.rbegin(); at != stack.locations.rend(); ++at) {
      for (const std::size_t number : of_location_[*at]) numbers.push_back(number);
    }
    return numbers;
  }

  const Json& frames() const { return frames_; }

 private:
  std::size_t number_of(const Frame& frame) {
    const std::string& file = frame.file.empty() ? frame.module : frame.file;
    const auto [at, is_new] = numbers_.try_emplace({frame.name, file}, frames_.size());
    if (is_new) {
      Json shown = {{"name", frame.name}};
      if (!file.empty()) shown["file"] = file;
      frames_.push_back(std::move(shown));
    }
    return at->second;
  }

  std::map<std::pair<std::string, std::string>, std::size_t> numbers_;
  std::vector<std::vector<std::size_t>> of_location_;
  Json frames_ = Json::array();
};

struct Thread {
  Json samples = Json::array();
  Json weights = Json::array();
  std::uint64_t total_ns = 0;
};

Json sampled(const std::string& name, Thread thread) {
  return {{"type", "sampled"},
          {"name", name},
          {"unit", "nanoseconds"},
          {"startValue", 0},
          {"endValue", thread.total_ns},
          {"samples", std::move(thread.samples)},
          {"weights", std::move(thread.weights)}};
}

Json profiles_of(const model::Profile& profile, const FrameTable& table) {
  std::vector<Thread> threads(profile.threads.size());
  const std::uint64_t period = std::max<std::uint64_t>(period_ns(profile), 1);
  for (const model::ProfileStack& stack : profile.stacks) {
    Thread& thread = threads[stack.thread];
    thread.samples.push_back(table.frames_of(stack));
    thread.weights.push_back(stack.samples * period);
    thread.total_ns += stack.samples * period;
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    if (threads[i].total_ns > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return threads[a].total_ns > threads[b].total_ns;
  });
  Json profiles = Json::array();
  for (const std::size_t i : order) {
    profiles.push_back(sampled(thread_name(profile.threads[i]), std::move(threads[i])));
  }
  // It doesn't open a file without any.
  if (profiles.empty()) profiles.push_back(sampled(caveats(profile).front(), {}));
  return profiles;
}

}  // namespace

std::string write_speedscope(const model::Profile& profile) {
  const FrameTable table(profile);
  const std::string who =
      profile.process.empty() ? std::string(file_name(profile.exe)) : profile.process;
  const Json document = {{"$schema", "https://www.speedscope.app/file-format-schema.json"},
                         {"name", base::valid_utf8(who) + " (" + std::to_string(profile.pid) + ")"},
                         {"exporter", "valkyria_exporter " + profile.exporter_version},
                         {"activeProfileIndex", 0},
                         {"shared", {{"frames", table.frames()}}},
                         {"profiles", profiles_of(profile, table)}};
  return json_text(document) + '\n';
}

}  // namespace expose
