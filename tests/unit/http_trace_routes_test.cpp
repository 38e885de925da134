// Traces and captures over HTTP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/gzip.h"
#include "http_support.h"

namespace {

using http_test::always;
using http_test::snapshot_of;
using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kId = "20261126T092000Z-01abcdef-1";

base::Result<model::TraceParts> trace_of(std::uint64_t seconds,
                                         const std::optional<std::string>& process) {
  if (process == "none") return base::fail(base::Cause::kGone, "no watched process has that name");
  if (process == "later") return base::fail(base::Cause::kLacking, "no process is watched");
  model::TraceParts parts;
  parts.process = process.value_or("web\"\r\n");
  parts.pid = 12;
  parts.to_ns = base::monotonic_ns();
  parts.from_ns = parts.to_ns - seconds * 1'000'000'000;
  return parts;
}

model::CaptureList one_capture(bool has_profile = false) {
  model::Capture capture;
  capture.facts = {kId, "gc_pause > 50ms", "web\xff", 1'795'684'800'500, 3, 9, 7};
  capture.attachments = {{"trace.json.gz", base::gzip("{\"traceEvents\":[]}").value()}};
  if (has_profile) {
    capture.attachments.push_back({"profile.pb.gz", "pprof's bytes"});
    capture.attachments.push_back({"profile.json.gz", base::gzip("{}").value()});
  }
  return {{std::make_shared<const model::Capture>(capture)}, 16, 2};
}

class TraceRoutes : public testing::Test {
 protected:
  TraceRoutes() {
    auto server = http::Server::listen({{{"127.0.0.1", 0}}, "/metrics"});
    http::Sources sources = http_test::sources_of(always(snapshot_of("", true)));
    sources.trace = trace_of;
    sources.captures = [this] { return one_capture(has_profile_); };
    EXPECT_TRUE((*server)->serve(std::move(sources)));
    server_ = std::move(*server);
  }

  // A later httplib asks for gzip by itself, unless told what to ask for.
  httplib::Response get(const std::string& path, const char* accepted = "identity") {
    httplib::Client client("127.0.0.1", http_test::port_of(*server_));
    client.set_decompress(false);
    const auto result = client.Get(path, {{"Accept-Encoding", accepted}});
    EXPECT_TRUE(result);
    return result ? *result : httplib::Response{};
  }

  std::atomic<bool> has_profile_ = false;
  std::unique_ptr<http::Server> server_;
};

TEST_F(TraceRoutes, ATraceIsAFileWithASafeName) {
  const auto response = get("/debug/trace?seconds=5");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(response.get_header_value("Cache-Control"), "no-store");
  EXPECT_THAT(
      response.get_header_value("Content-Disposition"),
      testing::MatchesRegex("attachment; filename=\"valkyria-web----[0-9]+T[0-9]+Z\\.json\""));
  const json trace = json::parse(response.body);
  EXPECT_EQ(trace["otherData"]["window_us"], 5'000'000);
  EXPECT_EQ(trace["otherData"]["pid"], 12);
  EXPECT_EQ(get("/debug/trace").status, 200);
  EXPECT_EQ(json::parse(get("/debug/trace?process=a%26b").body)["otherData"]["process"], "a&b");
}

TEST_F(TraceRoutes, ATraceIsCompressedForWhoAcceptsThat) {
  const auto response = get("/debug/trace", "gzip");
  EXPECT_EQ(response.get_header_value("Content-Encoding"), "gzip");
  EXPECT_TRUE(json::accept(base::gunzip(response.body, 1'000'000).value_or("")));
}

TEST_F(TraceRoutes, SecondsAreWithinTheirLimits) {
  for (const char* seconds : {"0", "601", "", "x", "-1", "1.5", "99999999999999999999"}) {
    const auto response = get(std::string("/debug/trace?seconds=") + seconds);
    EXPECT_EQ(response.status, 400) << seconds;
    EXPECT_THAT(response.body, HasSubstr("use a number from 1 to 600"));
  }
  EXPECT_EQ(get("/debug/trace?seconds=600").status, 200);
}

TEST_F(TraceRoutes, WhatIsNotThereIsSaid) {
  EXPECT_EQ(get("/debug/trace?process=none").status, 404);
  EXPECT_EQ(get("/debug/trace?process=later").status, 503);
  for (const char* path : {"/debug/captures/", "/debug/captures"}) {
    EXPECT_EQ(get(path).status, 200) << path;
  }
  for (const char* path :
       {"/debug/captures/x/trace", "/debug/captures//trace", "/debug/captures/trace",
        "/debug/captures/../trace", "/debug/captures/20261126T092000Z-01abcdef-1",
        "/debug/captures/20261126T092000Z-01abcdef-1/other", "/debug/capturesx"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

TEST_F(TraceRoutes, CapturesAreListed) {
  const json list = json::parse(get("/debug/captures").body);
  EXPECT_EQ(list["kept"], 1);
  EXPECT_EQ(list["limit"], 16);
  EXPECT_EQ(list["dropped"], 2);
  const json capture = list["captures"][0];
  EXPECT_EQ(capture["id"], kId);
  EXPECT_EQ(capture["rule"], "gc_pause > 50ms");
  EXPECT_EQ(capture["process"], "web\uFFFD");
  EXPECT_EQ(capture["unix_ms"], 1'795'684'800'500);
  EXPECT_EQ(capture["events"], 7);
  EXPECT_EQ(capture["name"], "valkyria-web--20261126T092000Z.json");
  EXPECT_EQ(capture["trace"], std::string("/debug/captures/") + kId + "/trace");
  EXPECT_GT(capture["bytes"], 10);
}

TEST_F(TraceRoutes, ACaptureHasItsProfileOnceThatIsTaken) {
  const std::string path = std::string("/debug/captures/") + kId;
  const json before = json::parse(get("/debug/captures").body)["captures"][0];
  EXPECT_EQ(before["flamegraph"], nullptr);
  EXPECT_EQ(before["pprof"], nullptr);
  for (const char* form : {"/flamegraph", "/pprof"}) {
    const auto missing = get(path + form);
    EXPECT_EQ(missing.status, 404);
    EXPECT_THAT(missing.body, HasSubstr("the capture has no profile"));
  }
  has_profile_ = true;
  const json after = json::parse(get("/debug/captures").body)["captures"][0];
  EXPECT_EQ(after["flamegraph"], path + "/flamegraph");
  EXPECT_EQ(after["pprof"], path + "/pprof");
  const auto pprof = get(path + "/pprof");
  EXPECT_EQ(pprof.body, "pprof's bytes");
  EXPECT_THAT(pprof.get_header_value("Content-Disposition"), HasSubstr(kId));
}

TEST_F(TraceRoutes, ACaptureIsDownloadedAsItsReaderLikes) {
  const std::string path = std::string("/debug/captures/") + kId + "/trace";
  const auto plain = get(path);
  EXPECT_EQ(plain.body, "{\"traceEvents\":[]}");
  EXPECT_EQ(plain.get_header_value("Content-Encoding"), "");
  EXPECT_THAT(plain.get_header_value("Content-Disposition"),
              HasSubstr("valkyria-web--20261126T092000Z.json"));
  const auto compressed = get(path, "gzip");
  EXPECT_EQ(compressed.get_header_value("Content-Encoding"), "gzip");
  EXPECT_EQ(base::gunzip(compressed.body, 100), plain.body);
}

TEST(Gunzip, GivesBackWhatWasCompressedAndNoMore) {
  const std::string text(100'000, 'x');
  const std::string compressed = base::gzip(text).value();
  EXPECT_EQ(base::gunzip(compressed, 100'000), text);
  EXPECT_EQ(base::gunzip(compressed, 99'999), std::nullopt);
  EXPECT_EQ(base::gunzip(compressed.substr(0, compressed.size() - 1), 100'000), std::nullopt);
  EXPECT_EQ(base::gunzip("", 10), std::nullopt);
  EXPECT_EQ(base::gunzip("no gzip at all", 10), std::nullopt);
}

}  // namespace
