// What is served, as others read it.
#include <nlohmann/json.hpp>

#include "exporter.h"
#include "support/catalogue.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using Exposition = EndToEnd;

// promtool's complaints about the text on its stdin.
std::string promtool_complaints(const std::string& text) {
  test::ChildProcess promtool(VALKYRIA_PROMTOOL, {"check", "metrics"}, test::Stderr::kCaptured);
  promtool.write_line(text);
  promtool.close_stdin();
  EXPECT_TRUE(promtool.wait(test::soon()));
  return promtool.stderr_text();
}

// Complaints about names that the catalogue mandates: a gauge named _count or _total.
bool is_mandated(const std::string& complaint) {
  const std::string name = complaint.substr(0, complaint.find(' '));
  if (!complaint.ends_with("should not have \"_total\" suffix") &&
      !complaint.ends_with("should not have \"_count\" suffix")) {
    return false;
  }
  for (const test::CatalogueRow& row : test::read_catalogue()) {
    if (row.name == name) return row.kind == "gauge";
  }
  return false;
}

TEST_F(Exposition, PassesPromtool) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::run_load(minivalk.port(), 2, {"/", "/status/500"}, 20);
  minivalk.command("gc");
  std::istringstream complaints(promtool_complaints(exporter.get("/metrics").body));
  for (std::string line; std::getline(complaints, line);) {
    EXPECT_TRUE(line.empty() || is_mandated(line)) << line;
  }
}

TEST_F(Exposition, PassesThroughWhatApplicationsRegister) {
  Puppet puppet(puppet_path("valkyria_2025_12_probed"));
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  puppet.tell("application");
  puppet.tell("hostile");
  const test::Samples exported = exporter.metrics();
  EXPECT_EQ(exported.integer("shop_visits"), 7u);
  EXPECT_EQ(exported.number("shop_balance"), -42);
  EXPECT_EQ(exported.integer("shop_wait_seconds_bucket", {{"queue", "in"}, {"le", "0.00005"}}), 1u);
  EXPECT_EQ(exported.sum("shop_wait_seconds_count"), 10);
  EXPECT_EQ(exported.integer("valk_eval_total"), 11u);
  EXPECT_EQ(exported.sum("http_requests_total"), 106);
  const auto dropped = [&](const char* reason) {
    return exported.integer("valkyria_exporter_registered_series_dropped", {{"reason", reason}});
  };
  EXPECT_EQ(dropped("name_taken"), 3u);
  EXPECT_EQ(dropped("invalid"), 1u);
  EXPECT_EQ(dropped("unreadable"), 8u);
  EXPECT_EQ(dropped("conflict"), 0u);
  EXPECT_EQ(promtool_complaints(exporter.get("/metrics").body).find("parsing"), std::string::npos);
  const auto json = nlohmann::json::parse(exporter.get("/debug/metrics").body);
  EXPECT_EQ(json["modular_metrics"]["gauges"][1]["name"], "shop_balance");
  EXPECT_EQ(json["modular_metrics"]["gauges"][1]["value"], -42);
}

TEST_F(Exposition, LeavesOutWhatProbesDoNotKnowYet) {
  test::Minivalk minivalk({}, stripped_programs_dir());
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const test::Samples exported = exporter.metrics();
  EXPECT_EQ(exported.integer("valk_gc_cycles_total"), 0u);
  EXPECT_TRUE(exported.series("http_requests_total").empty());
  EXPECT_TRUE(exported.series("valk_gc_heap_total_bytes").empty());
  EXPECT_TRUE(exported.series("valk_gc_pause_seconds_max").empty());
}

TEST_F(Exposition, LeavesOutTheFamiliesOfGroupsThatWereNotChosen) {
  test::Minivalk minivalk({}, stripped_programs_dir());
  const Exporter exporter({"--pid", std::to_string(minivalk.pid()), "--probes", "http"});
  test::run_load(minivalk.port(), 1, {"/"}, 3);
  minivalk.command("gc");
  const test::Samples exported = exporter.metrics();
  EXPECT_EQ(exported.sum("http_requests_total"), 3);
  EXPECT_TRUE(exported.series("valk_gc_cycles_total").empty());
  EXPECT_EQ(exported.integer("valkyria_exporter_probe_attached", {{"probe", "gc__end"}}), 0u);
  EXPECT_EQ(exported.integer("valkyria_exporter_probe_attached", {{"probe", "request__end"}}), 1u);
}

TEST_F(Exposition, ServesJsonWithTheRuntimesOwnFourKeys) {
  test::Minivalk minivalk({}, stripped_programs_dir());
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  minivalk.command("gc");
  const test::HttpResponse response = exporter.get("/debug/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.headers.at("content-type").starts_with("application/json"));
  const auto json = nlohmann::json::parse(response.body);
  for (const char* key :
       {"aio_metrics", "aio_systems", "modular_metrics", "vm_metrics", "exporter", "process"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["vm_metrics"]["gc"]["cycles_total"], 1);
  EXPECT_TRUE(json["vm_metrics"]["interpreter"]["evals_total"].is_null());
  EXPECT_EQ(json["process"]["pid"], minivalk.pid());
}

TEST_F(Exposition, ServesALandingPageHealthAndReadiness) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  EXPECT_NE(exporter.get("/").body.find("href=\"./metrics\""), std::string::npos);
  EXPECT_EQ(exporter.get("/-/healthy").status, 200);
  EXPECT_EQ(exporter.get("/-/ready").status, 200);
  EXPECT_EQ(exporter.get("/nothing-here").status, 404);
}

TEST_F(Exposition, AnswersWhileTheLoopOfTheTargetIsBlocked) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::HttpConnection blocked(minivalk.port());
  blocked.send("GET /stall?ms=3000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(exporter.get("/metrics").status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  EXPECT_EQ(blocked.read_response().status, 200);
}

TEST_F(Exposition, MakesHostileNamesValid) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  puppet.tell("names a\"b\\c \xff\xfe\"");
  puppet.tell("requests 1 1");
  puppet.tell("state 0 1 0");
  puppet.tell("client 1 0 0 1000 x\"\\\xc3 \xe2\x82");
  puppet.tell("call f\"\\ 1");
  const std::string text = exporter.get("/metrics").body;
  EXPECT_EQ(promtool_complaints(text), "");
  const test::Samples exported = test::parse_prometheus(text);
  EXPECT_TRUE(exported.problems.empty());
  EXPECT_EQ(exported.sum("http_requests_total", {{"server", "\xef\xbf\xbd\xef\xbf\xbd\""}}), 1);
  EXPECT_EQ(exported.sum("valk_aio_connection_transitions_total", {{"system", "a\"b\\c"}}), 3);
  const auto json = exporter.get("/debug/metrics");
  EXPECT_TRUE(nlohmann::json::accept(json.body)) << json.body;
}

TEST_F(Exposition, HoldsThreeHundredServersApart) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  puppet.tell("servers 1 300");
  puppet.tell("servers 101 100");
  const test::Samples exported = exporter.metrics();
  for (int port = 1; port <= 300; ++port) {
    EXPECT_EQ(exported.sum("http_requests_total", {{"port", std::to_string(port)}}),
              port > 100 && port <= 200 ? 2 : 1);
  }
}

}  // namespace
}  // namespace e2e
