// Families by collectors, so that a scrape can be split.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "expose/collectors.h"
#include "expose/families.h"
#include "expose_support.h"

namespace {

using expose::Collector;
using expose::Collectors;
using expose_test::full_snapshot;

std::set<std::string> names_of(const Collectors& wanted) {
  std::set<std::string> names;
  for (const auto& family : expose::families_of(full_snapshot(), wanted)) names.insert(family.name);
  return names;
}

TEST(Collectors, PartAllFamilies) {
  std::multiset<std::string> parts;
  for (const Collector collector : expose::kCollectors) {
    const auto names = names_of({collector});
    EXPECT_FALSE(names.empty()) << expose::name_of(collector);
    parts.insert(names.begin(), names.end());
  }
  const auto all = names_of({});
  EXPECT_EQ(parts, (std::multiset<std::string>(all.begin(), all.end())));
}

TEST(Collectors, HaveTheFamiliesThatTheirNamesSay) {
  const std::map<std::string, Collector> expected{
      {"valkyria_up", Collector::kProcess},
      {"valkyria_process_threads", Collector::kProcess},
      {"valk_gc_pause_duration_seconds", Collector::kGc},
      {"valk_gc_heap_used_bytes", Collector::kGc},
      {"valk_eval_duration_seconds", Collector::kEval},
      {"valk_loop_stall_duration_seconds", Collector::kAio},
      {"http_requests_total", Collector::kHttp},
      {"http_client_latency_seconds_avg", Collector::kClient},
      {"valk_function_duration_seconds", Collector::kFunction},
      {"valkyria_exporter_registered_series_dropped", Collector::kApplication},
      {"valkyria_exporter_targets", Collector::kExporter},
      {"valkyria_exporter_collector_success", Collector::kExporter},
      {"valkyria_probe_overhead_ratio", Collector::kExporter},
      {"process_threads", Collector::kExporter},
  };
  for (const auto& [name, collector] : expected) {
    EXPECT_TRUE(names_of({collector}).contains(name)) << name;
  }
}

TEST(Collectors, CanBeWantedTogether) {
  const auto names = names_of({Collector::kGc, Collector::kHttp});
  EXPECT_TRUE(names.contains("valk_gc_cycles_total"));
  EXPECT_TRUE(names.contains("http_requests_total"));
  EXPECT_FALSE(names.contains("valkyria_up"));
}

TEST(ParseCollectors, TakesEachNameOnce) {
  const auto parsed = expose::parse_collectors({"gc", "http", "gc"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, (Collectors{Collector::kGc, Collector::kHttp}));
  EXPECT_TRUE(expose::parse_collectors({})->empty());
}

TEST(ParseCollectors, RefusesAnUnknownOneAndNamesThoseThatThereAre) {
  for (const char* const name : {"", "GC", "gc,http", "cpu\n"}) {
    const auto parsed = expose::parse_collectors({"gc", name});
    ASSERT_FALSE(parsed) << name;
    EXPECT_THAT(parsed.error().message, testing::HasSubstr("process, gc, vm, eval, aio, http"));
    EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
  }
}

}  // namespace
