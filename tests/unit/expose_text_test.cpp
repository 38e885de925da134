#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expose/families.h"
#include "expose/text.h"
#include "expose_support.h"

namespace {

using expose::Family;
using expose::FamilyType;
using expose::Seconds;
using expose::write_text;
using testing::HasSubstr;

std::string text_with_label(const std::string& value) {
  Family family{"m", FamilyType::kUntyped, "h", {}};
  add_series(family, {{"l", value}}, std::uint64_t{1});
  return write_text({family});
}

TEST(WriteText, IsEmptyWithoutFamilies) {
  EXPECT_EQ(write_text({}), "");
}

TEST(WriteText, WritesEveryKindOfValue) {
  Family family{"m", FamilyType::kGauge, "Help.", {}};
  add_series(family, {}, std::uint64_t{18'446'744'073'709'551'615U});
  add_series(family, {{"a", "1"}, {"b", "2"}}, Seconds{1'500});
  add_series(family, {{"a", "2"}}, 0.00001);
  EXPECT_EQ(write_text({family}),
            "# HELP m Help.\n"
            "# TYPE m gauge\n"
            "m 18446744073709551615\n"
            "m{a=\"1\",b=\"2\"} 0.0000015\n"
            "m{a=\"2\"} 0.00001\n");
}

TEST(WriteText, EscapesHelp) {
  const Family family{"m", FamilyType::kUntyped, "back\\slash\nline \"quoted\"", {}};
  EXPECT_EQ(write_text({family}), "# HELP m back\\\\slash\\nline \"quoted\"\n# TYPE m untyped\n");
}

TEST(WriteText, EscapesLabelValues) {
  EXPECT_THAT(text_with_label(R"(say "hi")"), HasSubstr(R"(m{l="say \"hi\""} 1)"));
  EXPECT_THAT(text_with_label(R"(C:\dir\)"), HasSubstr(R"(m{l="C:\\dir\\"} 1)"));
  EXPECT_THAT(text_with_label("a\nb"), HasSubstr(R"(m{l="a\nb"} 1)"));
  EXPECT_THAT(text_with_label("\\\"\n"), HasSubstr(R"(m{l="\\\"\n"} 1)"));
  EXPECT_THAT(text_with_label("\"} 2\nfake_metric 1"),
              HasSubstr(R"(m{l="\"} 2\nfake_metric 1"} 1)"));
}

TEST(WriteText, WritesAnEmptyLabelValue) {
  EXPECT_THAT(text_with_label(""), HasSubstr("m{l=\"\"} 1\n"));
}

TEST(WriteText, MakesLabelValuesValidUtf8) {
  EXPECT_THAT(text_with_label("a\xFF\xC3z"), HasSubstr("m{l=\"a\xEF\xBF\xBD\xEF\xBF\xBDz\"} 1\n"));
  EXPECT_THAT(text_with_label("gr\xC3\xBC\xC3\x9F"), HasSubstr("m{l=\"gr\xC3\xBC\xC3\x9F\"} 1\n"));
}

TEST(WriteText, WritesASmallSnapshotAsExpected) {
  model::Snapshot snapshot;
  snapshot.exporter.version = "0.1.0";
  snapshot.exporter.revision = "1a2b3c";
  snapshot.exporter.lost_events = {{"ring_full", 5}};
  model::TargetMetrics target;
  target.process = "web";
  target.up = true;
  target.gc.cycles = 3;
  target.gc.pause_ns_total = 4'000'500;
  target.gc.pause_ns = expose_test::histogram({0, 2, 1, 0}, 4'000'500);
  model::ServerMetrics server;
  server.host = "0.0.0.0";
  server.port = "8080";
  server.protocol = "https";
  server.requests = {{model::StatusClass::k2xx, 9'007'199'254'740'993}};
  target.servers = {server};
  snapshot.targets = {target};

  EXPECT_EQ(
      write_text(expose::families_of(snapshot)),
      R"(# HELP valk_gc_cycles_total Garbage collections since the process started, or since attach where it comes from probes.
# TYPE valk_gc_cycles_total counter
valk_gc_cycles_total{process="web"} 3
# HELP valk_gc_pause_seconds_total Seconds in garbage collections since the process started, or since attach where it comes from probes. The time until all threads had stopped is left out.
# TYPE valk_gc_pause_seconds_total counter
valk_gc_pause_seconds_total{process="web"} 0.0040005
# HELP valk_gc_pause_duration_seconds Duration in seconds of each garbage collection since attach.
# TYPE valk_gc_pause_duration_seconds histogram
valk_gc_pause_duration_seconds_bucket{process="web",le="0.00001"} 0
valk_gc_pause_duration_seconds_bucket{process="web",le="0.0025"} 2
valk_gc_pause_duration_seconds_bucket{process="web",le="10"} 3
valk_gc_pause_duration_seconds_bucket{process="web",le="+Inf"} 3
valk_gc_pause_duration_seconds_sum{process="web"} 0.0040005
valk_gc_pause_duration_seconds_count{process="web"} 3
# HELP http_requests_total HTTP requests answered since the process started, or since attach where it comes from probes. By class of status; every request is in exactly one series. Those that were shed are in 5xx; "other" is every class of which the runtime keeps no count, and no status.
# TYPE http_requests_total counter
http_requests_total{process="web",server="0.0.0.0",port="8080",protocol="https",status="2xx"} 9007199254740993
# HELP valkyria_up 1 while the watched process is alive and its probes or its memory tell of it, else 0.
# TYPE valkyria_up gauge
valkyria_up{process="web"} 1
# HELP valkyria_exporter_build_info Version of the exporter, and the revision of its source; the value is always 1.
# TYPE valkyria_exporter_build_info gauge
valkyria_exporter_build_info{version="0.1.0",revision="1a2b3c"} 1
# HELP valkyria_exporter_lost_events_total Events that the exporter could not count or keep since it started, by cause.
# TYPE valkyria_exporter_lost_events_total counter
valkyria_exporter_lost_events_total{cause="ring_full"} 5
)");
}

}  // namespace
