// Names, labels and numbers here are an application's own choice, or whatever bytes stood in its
// memory. What is served stays valid in every format, and never takes the place of what we measure.
#include "expose/registered_families.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "expose/catalogue_families.h"
#include "expose/line.h"
#include "expose/openmetrics.h"
#include "model/parts.h"

namespace expose {
namespace {

// Of one target. The runtimes that we know have room for 832 series.
constexpr std::size_t kMaxSeries = 1'000;
constexpr std::size_t kMaxBytes = 1024 * 1024;  // of text, but for what escaping adds

enum class Reason { kNameTaken, kConflict, kInvalid, kDuplicate, kLimit, kUnreadable };
constexpr std::array kReasons{Reason::kNameTaken, Reason::kConflict, Reason::kInvalid,
                              Reason::kDuplicate, Reason::kLimit,    Reason::kUnreadable};

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::kNameTaken:
      return "name_taken";
    case Reason::kConflict:
      return "conflict";
    case Reason::kInvalid:
      return "invalid";
    case Reason::kDuplicate:
      return "duplicate";
    case Reason::kLimit:
      return "limit";
    case Reason::kUnreadable:
      return "unreadable";
  }
  return "unknown";
}

// What is left of a target's limits, and what was dropped.
struct Account {
  std::size_t series = 0;
  std::size_t bytes = 0;
  std::array<std::uint64_t, kReasons.size()> dropped{};

  void drop(Reason reason) { ++dropped[static_cast<std::size_t>(reason)]; }
};

bool is_name(std::string_view name, bool may_have_colons) {
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c == ':' && may_have_colons);
  };
  const bool begins_with_digit = !name.empty() && name[0] >= '0' && name[0] <= '9';
  return !name.empty() && !begins_with_digit && std::all_of(name.begin(), name.end(), fits);
}

// Prometheus keeps names that begin with two underscores for itself.
bool is_label_name(std::string_view name) {
  return is_name(name, false) && !name.starts_with("__");
}

FamilyType type_of(const model::RegisteredValue& value) {
  if (std::holds_alternative<std::uint64_t>(value)) return FamilyType::kCounter;
  if (std::holds_alternative<std::int64_t>(value)) return FamilyType::kGauge;
  return FamilyType::kHistogram;
}

Value value_of(const model::RegisteredValue& value) {
  if (const auto* const histogram = std::get_if<model::RegisteredHistogram>(&value)) {
    return *histogram;
  }
  if (const auto* const gauge = std::get_if<std::int64_t>(&value)) return Number(*gauge);
  return Number(std::get<std::uint64_t>(value));
}

// None: they are no labels. An application's `process` makes way for ours, as Prometheus does it.
std::optional<Labels> labels_of(const model::TargetMetrics& target,
                                const model::RegisteredSeries& series) {
  Labels labels = expose::labels_of(target);
  const bool is_named = !labels.empty();
  const bool has_bounds = type_of(series.value) == FamilyType::kHistogram;
  for (const auto& [key, value] : series.labels) {
    if (!is_label_name(key) || (has_bounds && key == "le")) return std::nullopt;
    const bool makes_way = is_named && key == "process";
    const auto name = makes_way ? std::string_view("exported_process") : std::string_view(key);
    const bool is_there = std::any_of(labels.begin(), labels.end(),
                                      [&](const auto& label) { return label.first == name; });
    if (is_there) return std::nullopt;
    labels.emplace_back(name, base::valid_utf8(value));
  }
  return labels;
}

// What tells series apart: neither order nor a label with an empty value does.
Labels key_of(Labels labels) {
  std::erase_if(labels, [](const auto& label) { return label.second.empty(); });
  std::sort(labels.begin(), labels.end());
  return labels;
}

// Names of ours, and those that Prometheus itself adds to what it scrapes.
std::set<std::string, std::less<>> make_own_names() {
  std::set<std::string, std::less<>> names{"up",
                                           "scrape_body_size_bytes",
                                           "scrape_duration_seconds",
                                           "scrape_sample_limit",
                                           "scrape_samples_post_metric_relabeling",
                                           "scrape_samples_scraped",
                                           "scrape_series_added",
                                           "scrape_timeout_seconds"};
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    for (std::string& name : taken_names(entry.name, expose::type_of(entry.kind))) {
      names.insert(std::move(name));
    }
  }
  return names;
}

// They are those of the catalogue, which does not change: made once.
const std::set<std::string, std::less<>>& own_names() {
  static const std::set<std::string, std::less<>> names = make_own_names();
  return names;
}

// The families so far, and who is in them.
class Registered {
 public:
  // Why the series could not be added, if it could not.
  std::optional<Reason> add(const model::TargetMetrics& target,
                            const model::RegisteredSeries& series, Account& account) {
    if (!is_name(series.name, true)) return Reason::kInvalid;
    auto labels = labels_of(target, series);
    if (!labels) return Reason::kInvalid;
    const FamilyType type = type_of(series.value);
    const auto known = by_name_.find(series.name);
    const bool is_new = known == by_name_.end();
    const std::vector<std::string> names =
        is_new ? taken_names(series.name, type) : std::vector<std::string>();
    if (has_any(own_names_, names)) return Reason::kNameTaken;
    if (is_new ? has_any(names_, names) : families_[known->second].type != type) {
      return Reason::kConflict;
    }
    Labels key = key_of(*labels);
    if (!is_new && keys_[known->second].contains(key)) return Reason::kDuplicate;
    Series added{std::move(*labels), value_of(series.value), {}};
    if (type != FamilyType::kGauge) added.created_unix_ns = target.process_metrics.start_unix_ns;
    const std::size_t bytes = expected_bytes(series.name, added);
    if (account.series == kMaxSeries || bytes > kMaxBytes - account.bytes) return Reason::kLimit;
    ++account.series;
    account.bytes += bytes;
    names_.insert(names.begin(), names.end());
    const std::size_t index = is_new ? add_family(series, type) : known->second;
    keys_[index].insert(std::move(key));
    families_[index].series.push_back(std::move(added));
    return std::nullopt;
  }

  std::vector<Family> take() { return std::move(families_); }

 private:
  using Names = std::set<std::string, std::less<>>;

  static bool has_any(const Names& names, const std::vector<std::string>& wanted) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const std::string& name) { return names.contains(name); });
  }

  std::size_t add_family(const model::RegisteredSeries& series, FamilyType type) {
    std::string help = series.help.empty()
                           ? "Registered by the application; the runtime keeps no help text of it."
                           : base::valid_utf8(series.help);
    families_.push_back({series.name, type, std::move(help), {}});
    keys_.emplace_back();
    by_name_.emplace(series.name, families_.size() - 1);
    return families_.size() - 1;
  }

  const Names& own_names_ = own_names();
  Names names_;  // of these families
  std::vector<Family> families_;
  std::vector<std::set<Labels>> keys_;  // of their series
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

void add_dropped(Family& family, const model::TargetMetrics& target, const Account& account) {
  for (const Reason reason : kReasons) {
    Labels labels = expose::labels_of(target);
    const model::DroppedSeries dropped{name_of(reason),
                                       account.dropped[static_cast<std::size_t>(reason)]};
    for (const auto& label : model::kLabels<model::DroppedSeries>) {
      labels.emplace_back(label.name, label.value(dropped));
    }
    add_series(family, std::move(labels), Number(dropped.count));
  }
}

}  // namespace

RegisteredFamilies registered_families(std::span<const model::TargetMetrics> targets) {
  RegisteredFamilies result{{}, head_of(model::entry_of(&model::DroppedSeries::count))};
  const bool is_any = std::any_of(targets.begin(), targets.end(),
                                  [](const auto& target) { return target.registry.has_value(); });
  if (!is_any) return result;
  Registered registered;
  for (const model::TargetMetrics& target : targets) {
    if (!target.registry) continue;
    Account account;
    account.dropped[static_cast<std::size_t>(Reason::kUnreadable)] = target.registry->unreadable;
    for (const model::RegisteredSeries& series : target.registry->series) {
      if (const auto reason = registered.add(target, series, account)) account.drop(*reason);
    }
    add_dropped(result.dropped, target, account);
  }
  result.families = registered.take();
  return result;
}

}  // namespace expose
