#include "terminal/pauses.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace terminal {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxOfTarget = 100;
constexpr std::size_t kMaxPauses = 64 * kMaxOfTarget;
constexpr std::size_t kMaxEpochBytes = 64;
constexpr int kPage = 500;  // events an answer
// Far fewer than that, or nothing new would come.
constexpr std::uint64_t kReadAnew = 64;

std::optional<double> number(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
}

std::optional<std::uint64_t> sequence(const Json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_number_unsigned()) return std::nullopt;
  return at->get<std::uint64_t>();
}

std::string text(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::optional<bool> truth(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_boolean() ? std::optional(at->get<bool>()) : std::nullopt;
}

Pause pause_of(const Json& event, std::uint64_t number_of_event, double unix_ms) {
  return {.sequence = number_of_event,
          .process = text(event, "process"),
          .unix_ms = unix_ms,
          .pause_ms = number(event, "pause_ms"),
          .safepoint_ms = number(event, "safepoint_ms"),
          .used_before = number(event, "used_before"),
          .used_after = number(event, "used_after"),
          .reason = text(event, "reason"),
          .world_stopped = truth(event, "world_stopped"),
          .requests_hit = number(event, "requests_hit")};
}

// It goes into a query as it stands.
bool is_epoch(const std::string& epoch) {
  return !epoch.empty() && epoch.size() <= kMaxEpochBytes &&
         std::all_of(epoch.begin(), epoch.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

}  // namespace

std::string PauseLog::query() const {
  if (epoch_.empty()) return fmt::format("?limit={}", kPage);
  return fmt::format("?since={}-{}&limit={}", epoch_, read_anew_from(), kPage);
}

std::uint64_t PauseLog::read_anew_from() const {
  std::uint64_t from = last_;
  for (std::size_t i = pauses_.size(); i-- > 0;) {
    const Pause& pause = pauses_[i];
    if (pause.sequence + kReadAnew <= last_) break;
    if (!pause.requests_hit) from = pause.sequence - 1;
  }
  return from;
}

base::Result<bool> PauseLog::take(std::string_view json) {
  const Json document = Json::parse(json, nullptr, false);
  if (!document.is_object()) return base::fail("no document of events: not a JSON object");
  const std::string epoch = text(document, "epoch");
  const auto next = sequence(document, "next");
  const auto events = document.find("events");
  if (!is_epoch(epoch) || !next || events == document.end() || !events->is_array()) {
    return base::fail(R"(no document of events: "epoch", "next" or "events" is missing)");
  }
  if (epoch != epoch_) {  // another life of the exporter: its numbers begin anew
    pauses_.clear();
    last_ = 0;
    epoch_ = epoch;
  }
  const std::uint64_t before = last_;
  for (const Json& event : *events) {
    if (!event.is_object()) return base::fail("no document of events: an event is no object");
    const auto number_of_event = sequence(event, "seq");
    const auto unix_ms = number(event, "unix_ms");
    if (!number_of_event || !unix_ms) return base::fail(R"(an event has no "seq" or "unix_ms")");
    const bool is_pause = text(event, "kind") == "gc" && *number_of_event > 0;
    if (is_pause) keep(pause_of(event, *number_of_event, *unix_ms));
    last_ = std::max(last_, *number_of_event);
  }
  return last_ != before && last_ + 1 < *next;
}

void PauseLog::keep(Pause pause) {
  if (pause.sequence <= last_) {  // read anew, or what nobody asked for
    const auto known = std::find_if(pauses_.begin(), pauses_.end(), [&](const Pause& other) {
      return other.sequence == pause.sequence;
    });
    if (known != pauses_.end()) *known = std::move(pause);
    return;
  }
  const auto is_of_it = [&](const Pause& other) { return other.process == pause.process; };
  const auto of_target = std::count_if(pauses_.begin(), pauses_.end(), is_of_it);
  if (static_cast<std::size_t>(of_target) >= kMaxOfTarget) {
    pauses_.erase(std::find_if(pauses_.begin(), pauses_.end(), is_of_it));
  } else if (pauses_.size() >= kMaxPauses) {
    pauses_.pop_front();
  }
  pauses_.push_back(std::move(pause));
}

}  // namespace terminal
