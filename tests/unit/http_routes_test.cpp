#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "http/landing_page.h"
#include "http/routes.h"
#include "http_support.h"

namespace {

using http_test::always;
using http_test::Clock;
using http_test::port_of;
using http_test::serve;
using http_test::snapshot_of;
using nlohmann::json;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

base::Result<model::Snapshot> no_snapshot(Clock::time_point, const model::Wanted&) {
  return base::fail("read the maps: Operation not permitted");
}

model::Snapshot two_targets() {
  auto snapshot = snapshot_of("web", true);
  snapshot.targets.push_back(snapshot.targets[0]);
  snapshot.targets[1].process = "a&b c/\xFF";
  snapshot.targets[1].id.pid = 99;
  return snapshot;
}

// One request, as httplib's client makes it.
httplib::Result get(const http::Server& server, const std::string& path,
                    const httplib::Headers& headers = {}) {
  return httplib::Client("127.0.0.1", port_of(server)).Get(path, headers);
}

TEST(Routes, ServeMetricsAsText) {
  const auto server = serve(always(snapshot_of("", true)));
  const auto response = get(*server, "/metrics");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(response->body, HasSubstr("\nvalk_gc_cycles_total 3\n"));
  EXPECT_THAT(response->body, HasSubstr("\nvalkyria_up 1\n"));
}

TEST(Routes, ServeMetricsUnderThePathThatIsConfigured) {
  const auto server = serve(always(snapshot_of("", true)), "/a.c+(x)");
  EXPECT_EQ(get(*server, "/a.c+(x)")->status, 200);
  EXPECT_EQ(get(*server, "/abc+(x)")->status, 404);
  EXPECT_EQ(get(*server, "/metrics")->status, 404);
  EXPECT_THAT(get(*server, "/")->body, HasSubstr("href=\"./a.c+(x)\""));
}

TEST(Routes, ServeMetricsInPlaceOfTheLandingPage) {
  const auto server = serve(always(snapshot_of("", true)), "/");
  EXPECT_THAT(get(*server, "/")->body, HasSubstr("valkyria_up 1"));
}

TEST(Routes, ServeTheWholeScrapeDespiteARange) {
  const auto server = serve(always(snapshot_of("", true)));
  const auto whole = get(*server, "/metrics");
  const auto response = get(*server, "/metrics", {{"Range", "bytes=0-5"}});
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, whole->body);
}

TEST(Routes, ServeMetricsOfTheTargetsThatAreNamed) {
  const auto server = serve(always(two_targets()));
  const std::string of_one = get(*server, "/metrics?process=web")->body;
  EXPECT_THAT(of_one, HasSubstr("valkyria_up{process=\"web\"}"));
  EXPECT_THAT(of_one, Not(HasSubstr("process=\"a&b")));
  EXPECT_THAT(of_one, HasSubstr("valkyria_exporter_build_info"));
  const std::string of_both = get(*server, "/metrics?process=web&process=a%26b%20c%2F%FF")->body;
  EXPECT_EQ(of_both, get(*server, "/metrics")->body);
  const auto of_none = get(*server, "/metrics?process=nobody");
  EXPECT_EQ(of_none->status, 200);
  EXPECT_THAT(of_none->body, Not(HasSubstr("valkyria_up")));
}

TEST(Routes, ServeMetricsOfTheCollectorsThatAreNamed) {
  const auto server = serve(always(two_targets()));
  const std::string body = get(*server, "/metrics?collect[]=gc&collect%5B%5D=process")->body;
  EXPECT_THAT(body, HasSubstr("valk_gc_cycles_total{process=\"web\"} 3"));
  EXPECT_THAT(body, HasSubstr("valkyria_up{process=\"web\"}"));
  EXPECT_THAT(body, Not(HasSubstr("valkyria_exporter_build_info")));
  EXPECT_THAT(get(*server, "/metrics?collect[]=exporter&process=web")->body,
              Not(HasSubstr("valk_gc_cycles_total")));
}

TEST(Routes, RefuseACollectorThatThereIsNotAndNameThoseThatThereAre) {
  const auto server = serve(always(two_targets()));
  const auto response = get(*server, "/metrics?collect[]=gc&collect[]=cpu");
  EXPECT_EQ(response->status, 400);
  EXPECT_THAT(response->body, HasSubstr("collect[]=cpu"));
  EXPECT_THAT(response->body, HasSubstr("process, gc, vm"));
}

TEST(Routes, SayOnTheLandingPageWhoIsSelectedAndWhoIsNotWatched) {
  model::Snapshot snapshot;
  snapshot.exporter.selection = "--unit '<shop>*'";
  snapshot.exporter.targets = {
      {model::kTargetWatched, 0}, {model::kTargetRefused, 2}, {model::kTargetNoRoom, 3}};
  const auto server = serve(always(snapshot));
  const std::string page = get(*server, "/")->body;
  EXPECT_THAT(page, HasSubstr("--unit &#39;&lt;shop&gt;*&#39;"));
  EXPECT_THAT(page, HasSubstr("None yet"));
  EXPECT_THAT(page, HasSubstr("2 more can't be watched"));
  EXPECT_THAT(page, HasSubstr("3 more wait for a place"));
}

TEST(Routes, ServeJsonOfTheFirstTarget) {
  const auto server = serve(always(two_targets()));
  const auto response = get(*server, "/debug/metrics");
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(json::parse(response->body)["process"]["pid"], 4711);
}

TEST(Routes, ServeJsonOfTheTargetThatIsNamed) {
  const auto server = serve(always(two_targets()));
  const auto response = get(*server, "/debug/metrics?process=a%26b%20c%2F%FF");
  ASSERT_EQ(response->status, 200);
  EXPECT_EQ(json::parse(response->body)["process"]["pid"], 99);
  EXPECT_EQ(get(*server, "/debug/metrics?process=web")->status, 200);
  EXPECT_EQ(get(*server, "/debug/metrics?process=nobody")->status, 404);
  EXPECT_EQ(get(*server, "/debug/metrics?process=")->status, 404);
}

TEST(Routes, ServeNoJsonWithoutTargets) {
  const auto server = serve(always(model::Snapshot{}));
  EXPECT_EQ(get(*server, "/debug/metrics")->status, 503);
}

TEST(Routes, AnswerHeadLikeGetWithoutTheBody) {
  const auto server = serve(always(snapshot_of("", true)));
  const httplib::Headers plain{{"Accept-Encoding", "identity"}};
  for (const char* const path : {"/metrics", "/debug/metrics", "/", "/-/healthy", "/-/ready"}) {
    const auto whole = get(*server, path, plain);
    const auto response = httplib::Client("127.0.0.1", port_of(*server)).Head(path, plain);
    ASSERT_TRUE(response) << path;
    EXPECT_EQ(response->status, 200) << path;
    EXPECT_EQ(response->body, "") << path;
    EXPECT_EQ(response->get_header_value("Content-Type"), whole->get_header_value("Content-Type"));
    EXPECT_EQ(response->get_header_value("Content-Length"), std::to_string(whole->body.size()));
  }
}

TEST(Routes, AnswerAnUnknownPathWith404) {
  const auto server = serve(always(snapshot_of("", true)));
  for (const char* const path : {"/metric", "/metrics/", "/metricsx", "/favicon.ico", "/debug",
                                 "/../etc/passwd", "/%2e%2e/etc/passwd", "//metrics"}) {
    const auto response = get(*server, path);
    ASSERT_TRUE(response) << path;
    EXPECT_EQ(response->status, 404) << path;
    EXPECT_LT(response->body.size(), 100U);
    EXPECT_THAT(response->get_header_value("Content-Type"), HasSubstr("text/plain"));
  }
}

TEST(Routes, RefuseOtherMethods) {
  const auto server = serve(always(snapshot_of("", true)));
  httplib::Client client("127.0.0.1", port_of(*server));
  const auto post = client.Post("/metrics", "some body", "text/plain");
  ASSERT_TRUE(post);
  EXPECT_EQ(post->status, 405);
  EXPECT_EQ(post->get_header_value("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(client.Delete("/metrics")->status, 405);
}

TEST(SharedPages, ServeWhoAskedBeforeTheyBegan) {
  http::SharedPages pages;
  int made = 0;
  const auto make = [&]() -> base::Result<std::string> { return std::to_string(++made); };
  const auto long_ago = Clock::now() - std::chrono::hours(1);
  const auto in_time = Clock::now() + std::chrono::hours(1);
  EXPECT_EQ(**pages.get("text", long_ago, in_time, make), "1");
  EXPECT_EQ(**pages.get("text", long_ago, in_time, make), "1");
  EXPECT_EQ(**pages.get("json", long_ago, in_time, make), "2");
  EXPECT_EQ(**pages.get("text", Clock::now(), in_time, make), "3");
  EXPECT_EQ(**pages.get("text", long_ago, in_time, make), "3");
}

TEST(SharedPages, AreLimited) {
  http::SharedPages pages;
  int made = 0;
  const auto make = [&]() -> base::Result<std::string> { return std::to_string(++made); };
  const auto long_ago = Clock::now() - std::chrono::hours(1);
  const auto in_time = Clock::now() + std::chrono::hours(1);
  const int limit = http::SharedPages::kMaxPages;
  for (int i = 0; i <= limit; ++i) {
    EXPECT_TRUE(pages.get(std::to_string(i), long_ago, in_time, make));
  }
  EXPECT_EQ(**pages.get(std::to_string(limit), long_ago, in_time, make), std::to_string(limit + 1));
  EXPECT_EQ(**pages.get("0", long_ago, in_time, make), std::to_string(limit + 2));
}

// Who allows a scrape no time gets what there is by then; others must not get that.
TEST(SharedPages, KeepNothingThatWasMadeInAHurry) {
  http::SharedPages pages;
  int made = 0;
  const auto make = [&]() -> base::Result<std::string> { return std::to_string(++made); };
  const auto long_ago = Clock::now() - std::chrono::hours(1);
  const std::string page = "text";
  EXPECT_EQ(**pages.get(page, long_ago, Clock::now() + milliseconds(100), make), "1");
  EXPECT_EQ(**pages.get(page, long_ago, long_ago, make), "2");
  EXPECT_EQ(**pages.get(page, long_ago, Clock::now() + std::chrono::hours(1), make), "3");
  EXPECT_EQ(**pages.get(page, long_ago, long_ago, make), "3");
}

TEST(SharedPages, KeepNoFailure) {
  http::SharedPages pages;
  const auto in_time = Clock::now() + std::chrono::hours(1);
  const auto fail = []() -> base::Result<std::string> { return base::fail("no"); };
  EXPECT_FALSE(pages.get("text", {}, in_time, fail));
  EXPECT_EQ(**pages.get("text", {}, in_time, []() -> base::Result<std::string> { return "yes"; }),
            "yes");
}

TEST(Routes, TellWhyThereIsNoSnapshot) {
  const auto server = serve(no_snapshot);
  for (const char* const path : {"/metrics", "/debug/metrics"}) {
    const auto response = get(*server, path);
    EXPECT_EQ(response->status, 500);
    EXPECT_EQ(response->body, "read the maps: Operation not permitted\n");
  }
  EXPECT_EQ(get(*server, "/")->status, 200);
  EXPECT_THAT(get(*server, "/")->body, HasSubstr("Operation not permitted"));
}

TEST(Routes, TurnAnExceptionInto500) {
  const auto server =
      serve([](Clock::time_point, const model::Wanted&) -> base::Result<model::Snapshot> {
        throw std::runtime_error("a broken promise");
      });
  const auto response = get(*server, "/metrics");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 500);
  EXPECT_EQ(response->body, "internal error: a broken promise\n");
  EXPECT_EQ(get(*server, "/-/healthy")->status, 200);
}

TEST(Routes, AreHealthyWhateverTheTargetsDo) {
  EXPECT_EQ(get(*serve(no_snapshot), "/-/healthy")->status, 200);
  EXPECT_EQ(get(*serve(always(model::Snapshot{})), "/-/healthy")->status, 200);
}

TEST(Routes, AreReadyWhenATargetIsUp) {
  auto snapshot = two_targets();
  snapshot.targets[0].up = false;
  EXPECT_EQ(get(*serve(always(snapshot)), "/-/ready")->status, 200);
}

TEST(Routes, AreNotReadyWithoutATargetThatIsUpAndTellWhy) {
  const auto down = get(*serve(always(snapshot_of("", false))), "/-/ready");
  EXPECT_EQ(down->status, 503);
  EXPECT_THAT(down->body, HasSubstr("no watched process is up"));
  const auto none = get(*serve(always(model::Snapshot{})), "/-/ready");
  EXPECT_EQ(none->status, 503);
  EXPECT_THAT(none->body, HasSubstr("no process is watched"));
  const auto failed = get(*serve(no_snapshot), "/-/ready");
  EXPECT_EQ(failed->status, 503);
  EXPECT_THAT(failed->body, HasSubstr("Operation not permitted"));
}

TEST(Routes, GiveTheSourceTheDeadlineOfTheScrape) {
  std::atomic<std::int64_t> budget_ms{0};
  const auto server =
      serve([&](Clock::time_point deadline, const model::Wanted&) -> base::Result<model::Snapshot> {
        budget_ms = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
        return snapshot_of("", true);
      });
  get(*server, "/metrics", {{"X-Prometheus-Scrape-Timeout-Seconds", "20"}});
  EXPECT_GT(budget_ms, 18'000);
  EXPECT_LE(budget_ms, 19'500);
  get(*server, "/metrics", {{"X-Prometheus-Scrape-Timeout-Seconds", "nan"}});
  EXPECT_GT(budget_ms, 4'000);
  EXPECT_LE(budget_ms, 5'000);
  get(*server, "/metrics");
  EXPECT_GT(budget_ms, 4'000);
  EXPECT_LE(budget_ms, 5'000);
}

TEST(LandingPage, LinksWhatThereIsAndTellsTheVersion) {
  const auto server = serve(always(two_targets()));
  const auto response = get(*server, "/");
  EXPECT_EQ(response->get_header_value("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(response->body, HasSubstr("href=\"./metrics\""));
  EXPECT_THAT(response->body, HasSubstr("href=\"./debug/metrics\""));
  EXPECT_THAT(response->body, HasSubstr("href=\"./debug/metrics?process=a%26b%20c%2F%FF\""));
  EXPECT_THAT(response->body, HasSubstr("href=\"./debug/pprof/\""));
  EXPECT_THAT(response->body, HasSubstr("a&amp;b c/\xEF\xBF\xBD"));
  EXPECT_THAT(response->body, HasSubstr("1.2.3"));
}

TEST(LandingPage, OffersAFlameGraphOfEachProcessThatRuns) {
  const auto link = [](const char* rest) {
    return HasSubstr(std::string("href=\"./debug/flamegraph?seconds=10") + rest + "\"");
  };
  EXPECT_THAT(http::write_landing_page(snapshot_of("a b", true), "/metrics"),
              link("&amp;process=a%20b"));
  EXPECT_THAT(http::write_landing_page(snapshot_of("", true), "/metrics"), link(""));
  EXPECT_THAT(http::write_landing_page(snapshot_of("gone", false), "/metrics"),
              Not(HasSubstr("flamegraph")));
}

TEST(LandingPage, HasSecurityHeaders) {
  const auto server = serve(always(snapshot_of("", true)));
  const auto response = get(*server, "/");
  EXPECT_EQ(response->get_header_value("X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(response->get_header_value("Content-Security-Policy"),
              HasSubstr("default-src 'none'"));
}

TEST(LandingPage, EscapesTheTargetsNames) {
  const auto page =
      http::write_landing_page(snapshot_of("<script>alert('1')</script>\"&", true), "/metrics");
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"));
  EXPECT_THAT(page, HasSubstr("process=%3Cscript%3Ealert%28%271%27%29%3C%2Fscript%3E%22%26\""));
}

TEST(CheckTelemetryPath, RefusesWhatCannotBeServed) {
  for (const char* const path : {"", "metrics", "/debug/metrics", "/-/healthy", "/-/ready", "/a b",
                                 "/a?b", "/a#b", "/%41", "/\n", "/\xC3\xBC", "/\""}) {
    const auto checked = http::check_telemetry_path(path);
    ASSERT_FALSE(checked) << path;
    EXPECT_THAT(checked.error().message, HasSubstr(path));
  }
  EXPECT_TRUE(http::check_telemetry_path("/metrics"));
  EXPECT_TRUE(http::check_telemetry_path("/"));
}

}  // namespace
