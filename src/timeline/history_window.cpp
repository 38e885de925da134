#include "timeline/history_window.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/parts.h"
#include "timeline/history_columns.h"

namespace timeline {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr model::HistoryKind kKinds[] = {model::HistoryKind::kSystem, model::HistoryKind::kServer,
                                         model::HistoryKind::kClient};
constexpr std::uint64_t kKeptNs = HistoryWindow::kSeconds * 1'000'000'000;

std::size_t place_of(std::uint64_t moment) {
  return moment % HistoryWindow::kSeconds;
}

std::vector<double> unknown_ring() {
  return std::vector<double>(HistoryWindow::kSeconds, kUnknown);
}

template <typename Part>
bool has_labels(const std::vector<std::pair<std::string_view, std::string>>& labels,
                const Part& part) {
  return std::equal(
      labels.begin(), labels.end(), model::kLabels<Part>.begin(), model::kLabels<Part>.end(),
      [&](const auto& kept, const auto& label) { return kept.second == label.value(part); });
}

// The last `count` values, the oldest first; `moments` were kept so far.
template <typename Value>
std::vector<Value> last_of(const std::vector<Value>& ring, std::uint64_t moments,
                           std::size_t count) {
  std::vector<Value> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = ring[place_of(moments - count + i)];
  return values;
}

}  // namespace

void HistoryWindow::add(std::uint64_t now_ns, const model::Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  std::uint64_t order = 0;
  drop_old(now_ns);
  std::set<std::string_view> living;
  for (const model::TargetMetrics& metrics : snapshot.targets) {
    if (!metrics.has_ended) living.insert(metrics.process);
  }
  for (const model::TargetMetrics& metrics : snapshot.targets) {
    ++order;
    if (!targets_.contains(metrics.process) && !make_place(living)) continue;
    Target& target = targets_[metrics.process];
    target.order = order;
    add_target(target, now_ns, metrics);
  }
}

// Who is there keeps what is kept of it: of more targets than there are places, the same ones have
// a history each second.
bool HistoryWindow::make_place(const std::set<std::string_view>& living) {
  if (targets_.size() < kMaxTargets) return true;
  auto oldest = targets_.end();
  for (auto target = targets_.begin(); target != targets_.end(); ++target) {
    if (living.contains(target->first)) continue;
    if (oldest == targets_.end() || last_ns(target->second) < last_ns(oldest->second)) {
      oldest = target;
    }
  }
  if (oldest == targets_.end()) return false;
  targets_.erase(oldest);
  return true;
}

std::uint64_t HistoryWindow::last_ns(const Target& target) {
  return target.times_ns[place_of(target.moments - 1)];
}

void HistoryWindow::add_target(Target& target, std::uint64_t now_ns,
                               const model::TargetMetrics& metrics) {
  const std::size_t place = place_of(target.moments);
  target.times_ns[place] = now_ns;
  ++target.moments;
  target.left_out = 0;
  set_columns(target.columns, place, &metrics);
  add_parts(target, model::HistoryKind::kSystem, metrics.systems);
  add_parts(target, model::HistoryKind::kServer, metrics.servers);
  add_parts(target, model::HistoryKind::kClient, metrics.clients);
}

// What has gone is unknown from now on, and forgotten with its last second.
template <typename Metrics>
void HistoryWindow::add_parts(Target& target, model::HistoryKind kind,
                              const std::vector<Metrics>& all) {
  std::vector<Part>& parts = target.parts.at(static_cast<std::size_t>(kind));
  const std::size_t place = place_of(target.moments - 1);
  std::erase_if(parts, [&](const Part& part) { return part.seen + kSeconds <= target.moments; });
  for (const Metrics& metrics : all) {
    auto part = std::find_if(parts.begin(), parts.end(),
                             [&](const Part& kept) { return has_labels(kept.labels, metrics); });
    if (part == parts.end()) {
      if (parts.size() >= kMaxParts) {
        ++target.left_out;
        continue;
      }
      Part added;
      for (const auto& label : model::kLabels<Metrics>) {
        added.labels.emplace_back(label.name, label.value(metrics));
      }
      part = parts.insert(parts.end(), std::move(added));
    }
    part->seen = target.moments;
    set_columns(part->columns, place, &metrics);
    set_latency(*part, place, latency_of(metrics));
  }
  for (Part& part : parts) {
    if (part.seen == target.moments) continue;
    set_columns(part.columns, place, static_cast<const Metrics*>(nullptr));
    set_latency(part, place, nullptr);
  }
}

template <typename Metrics>
void HistoryWindow::set_columns(std::vector<NamedRing>& columns, std::size_t place,
                                const Metrics* metrics) {
  const auto wanted = columns_of<Metrics>();
  if (columns.empty()) {
    for (const auto& column : wanted) columns.push_back({column.name, unknown_ring()});
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    columns[i].values[place] = metrics != nullptr ? wanted[i].value(*metrics) : kUnknown;
  }
}

// Other bounds are another histogram: what was kept can't be compared with it.
void HistoryWindow::set_latency(Part& part, std::size_t place, const model::Histogram* histogram) {
  if (histogram != nullptr &&
      (!part.latency || part.latency->bounds_ns.data() != histogram->bounds_ns.data() ||
       part.latency->counts.size() != histogram->counts.size())) {
    part.latency =
        Latency{histogram->bounds_ns, std::vector<Ring>(histogram->counts.size(), unknown_ring()),
                unknown_ring()};
  }
  if (!part.latency) return;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < part.latency->counts.size(); ++i) {
    if (histogram != nullptr) sum += histogram->counts[i];
    part.latency->counts[i][place] = histogram != nullptr ? static_cast<double>(sum) : kUnknown;
  }
  part.latency->sum_seconds[place] =
      histogram != nullptr ? static_cast<double>(histogram->sum_ns) / 1e9 : kUnknown;
}

void HistoryWindow::drop_old(std::uint64_t now_ns) {
  std::erase_if(targets_,
                [&](const auto& target) { return last_ns(target.second) + kKeptNs < now_ns; });
}

std::optional<model::History> HistoryWindow::read(const std::optional<std::string>& process,
                                                  std::size_t seconds) const {
  const std::lock_guard lock(mutex_);
  const auto found = process ? targets_.find(*process)
                             : std::min_element(targets_.begin(), targets_.end(),
                                                [](const auto& a, const auto& b) {
                                                  return a.second.order < b.second.order;
                                                });
  if (found == targets_.end()) return std::nullopt;
  const Target& target = found->second;
  const std::size_t count = std::min({seconds, kSeconds, std::size_t(target.moments)});
  model::History history;
  history.process = found->first;
  history.times_ns = last_of(target.times_ns, target.moments, count);
  history.left_out = target.left_out;
  for (const NamedRing& ring : target.columns) {
    history.columns.push_back({ring.name, last_of(ring.values, target.moments, count)});
  }
  for (const auto kind : kKinds) {
    for (const Part& part : target.parts.at(static_cast<std::size_t>(kind))) {
      history.parts.push_back(last_of_part(part, kind, target.moments, count));
    }
  }
  return history;
}

model::HistoryPart HistoryWindow::last_of_part(const Part& part, model::HistoryKind kind,
                                               std::uint64_t moments, std::size_t count) {
  model::HistoryPart shown{kind, part.labels, {}, {}};
  for (const NamedRing& ring : part.columns) {
    shown.columns.push_back({ring.name, last_of(ring.values, moments, count)});
  }
  if (!part.latency) return shown;
  model::LatencyColumns& latency = shown.latency.emplace();
  latency.bounds_ns = part.latency->bounds_ns;
  for (const Ring& ring : part.latency->counts) {
    latency.counts.push_back(last_of(ring, moments, count));
  }
  latency.sum_seconds = last_of(part.latency->sum_seconds, moments, count);
  return shown;
}

}  // namespace timeline
