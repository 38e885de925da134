// What is served, against the table that dashboards depend on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "expose/families.h"
#include "expose_support.h"
#include "support/catalogue.h"

namespace {

using expose::families_of;
using expose::Family;
using expose_test::find_family;
using expose_test::full_snapshot;
using test::read_catalogue;

std::set<std::string> labels_of(const expose::Series& series) {
  std::set<std::string> names;
  for (const auto& label : series.labels) names.emplace(label.first);
  return names;
}

std::string text_of(model::Preference preference) {
  switch (preference) {
    case model::Preference::kStateOnly:
      return "state";
    case model::Preference::kStateElseProbe:
      return "state|probe";
    case model::Preference::kProbeOnly:
      return "probe";
    case model::Preference::kKernel:
    case model::Preference::kAttachment:
    case model::Preference::kExporter:
      return "";
  }
  return "";
}

TEST(Catalogue, IsTheOneThatTheModelHas) {
  const model::CatalogueEntry* last = nullptr;
  for (const test::CatalogueRow& row : read_catalogue()) {
    const model::CatalogueEntry* const entry = catalogue_rows::named(row.name);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(row.from, text_of(entry->from)) << row.name;
    EXPECT_LT(last, entry) << row.name << " stands in another order";
    last = entry;
  }
}

TEST(Catalogue, HasEachNameOnceAndMembersOfOneSource) {
  std::set<std::string_view> names;
  for (const auto& entry : model::catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_EQ(entry.from == model::Preference::kExporter,
              model::entry_of(entry.member).from == model::Preference::kExporter ||
                  entry.name.starts_with("process_"))
        << entry.name;
    if (entry.name.starts_with("process_")) continue;
    EXPECT_EQ(entry.from, model::entry_of(entry.member).from) << entry.name;
  }
}

TEST(Catalogue, IsServedWhole) {
  for (const char* const process : {"", "web"}) {
    auto snapshot = full_snapshot();
    snapshot.targets[0].process = process;
    const auto families = families_of(snapshot);
    for (test::CatalogueRow entry : read_catalogue()) {
      const Family* const family = find_family(families, entry.name);
      ASSERT_NE(family, nullptr) << entry.name;
      EXPECT_EQ(name_of(family->type), entry.kind) << entry.name;
      EXPECT_GT(family->help.size(), 10U) << entry.name;
      if (*process != '\0') entry.labels.insert("process");
      for (const auto& series : family->series) {
        EXPECT_EQ(labels_of(series), entry.labels) << entry.name;
      }
    }
  }
}

TEST(Catalogue, HasNothingOfAProcessOfWhichNothingIsKnown) {
  model::Snapshot snapshot;
  snapshot.targets.resize(1);
  snapshot.targets[0].systems.resize(1);
  snapshot.targets[0].servers.resize(1);
  snapshot.targets[0].clients.resize(1);
  const auto families = families_of(snapshot);
  for (const test::CatalogueRow& entry : read_catalogue()) {
    EXPECT_EQ(find_family(families, entry.name), nullptr) << entry.name;
  }
}

TEST(Catalogue, IsFollowedByWhatOnlyWeKnow) {
  std::set<std::string> own;
  for (const Family& family : families_of(full_snapshot())) own.insert(family.name);
  for (const test::CatalogueRow& entry : read_catalogue()) own.erase(entry.name);
  EXPECT_THAT(
      own,
      testing::ElementsAre(
          "http_request_eval_duration_seconds", "process_cpu_seconds_total", "process_open_fds",
          "process_resident_memory_bytes", "process_start_time_seconds", "process_threads",
          "valk_aio_connection_state_duration_seconds", "valk_aio_connection_transitions_total",
          "valk_eval_duration_seconds", "valk_function_duration_seconds", "valk_gc_cells_total",
          "valk_gc_cells_total_bytes", "valk_gc_cells_used", "valk_gc_cells_used_bytes",
          "valk_gc_heap_exhausted_total", "valk_gc_heap_live_bytes",
          "valk_gc_last_collection_timestamp_seconds", "valk_gc_pause_duration_seconds",
          "valk_gc_time_to_safepoint_seconds", "valk_loop_stall_duration_seconds",
          "valkyria_exporter_build_info", "valkyria_exporter_captures_suppressed_total",
          "valkyria_exporter_captures_total", "valkyria_exporter_captures_unwritten_total",
          "valkyria_exporter_collector_duration_seconds", "valkyria_exporter_collector_success",
          "valkyria_exporter_http_connections_dropped_total",
          "valkyria_exporter_http_handshakes_failed_total",
          "valkyria_exporter_http_requests_in_flight", "valkyria_exporter_http_requests_total",
          "valkyria_exporter_log_lines_dropped_total", "valkyria_exporter_lost_events_total",
          "valkyria_exporter_missed_events_total", "valkyria_exporter_probe_attached",
          "valkyria_exporter_probe_hit_cost_seconds", "valkyria_exporter_probe_hits_total",
          "valkyria_exporter_probe_overhead_seconds_total",
          "valkyria_exporter_registered_series_dropped", "valkyria_exporter_targets",
          "valkyria_exporter_web_certificate_not_after_timestamp_seconds",
          "valkyria_exporter_web_config_last_reload_success_timestamp_seconds",
          "valkyria_exporter_web_config_last_reload_successful", "valkyria_probe_group_attached",
          "valkyria_probe_group_detachments_total", "valkyria_probe_overhead_ratio",
          "valkyria_process_cpu_seconds_total", "valkyria_process_info",
          "valkyria_process_open_fds", "valkyria_process_resident_memory_bytes",
          "valkyria_process_start_time_seconds", "valkyria_process_state",
          "valkyria_process_threads", "valkyria_up"));
}

// HELP must hold whichever source a family has.
TEST(Catalogue, SaysSinceWhenItCounts) {
  const auto families = families_of(full_snapshot());
  for (const test::CatalogueRow& entry : read_catalogue()) {
    if (entry.kind == "gauge") continue;
    const std::string expected = entry.from == "state"
                                     ? "since the process started."
                                     : "since the process started, or since attach where it "
                                       "comes from probes.";
    EXPECT_THAT(find_family(families, entry.name)->help, testing::HasSubstr(expected))
        << entry.name;
  }
}

}  // namespace
