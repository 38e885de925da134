#include "expose/target_series.h"

#include "expose/derived.h"

namespace expose {
namespace {

std::string_view words_for(Since since) {
  switch (since) {
    case Since::kNow:
      return "";
    case Since::kAttach:
      return " since attach";
    case Since::kStart:
      return " since the process started";
    case Since::kEither:
      return " since the process started, or since attach where it comes from probes";
  }
  return "";
}

bool counts(FamilyType type) {
  return type == FamilyType::kCounter || type == FamilyType::kHistogram;
}

std::optional<std::uint64_t> begin_of(const Family& family, const model::TargetMetrics& target) {
  if (source_of(target, family.name) == model::Source::kState) {
    return target.process_metrics.start_unix_ns;
  }
  if (target.attached_unix_ns == 0) return std::nullopt;
  return target.attached_unix_ns;
}

}  // namespace

std::string help_text(std::string_view text, Since since) {
  std::string help(text);
  help += words_for(since);
  help += '.';
  return help;
}

Labels labels_of(const model::TargetMetrics& target) {
  if (target.process.empty()) return {};
  return {{"process", target.process}};
}

void TargetSeries::add(std::initializer_list<Label> labels, Value value) {
  Labels all;
  all.reserve(labels.size() + 1);
  if (!target_.process.empty()) all.emplace_back("process", target_.process);
  for (const auto& [name, text] : labels) all.emplace_back(name, text);
  add_series(family_, std::move(all), std::move(value), created_unix_ns());
}

std::optional<std::uint64_t> TargetSeries::created_unix_ns() {
  if (!counts(family_.type)) return std::nullopt;
  if (!created_unix_ns_) created_unix_ns_ = begin_of(family_, target_);
  return *created_unix_ns_;
}

}  // namespace expose
