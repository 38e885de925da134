// Profiles over HTTP, of a profiler that is none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/gzip.h"
#include "expose/flame_page.h"
#include "expose/pprof.h"
#include "http_support.h"
#include "support/profiles.h"

namespace {

using http_test::always;
using http_test::snapshot_of;
using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kCaptureId = "20261126T092000Z-01abcdef-1";
constexpr const char* kMinuteId = "20261126T031200Z-01abcdef-2";

base::Result<model::ProfileAnswer> answer_to(const model::ProfileRequest& request) {
  if (request.process == "none") return base::fail(base::Cause::kGone, "it is not watched");
  if (request.process == "hangs") return base::fail(base::Cause::kTimeout, "no answer");
  if (request.process == "busy") return model::ProfilerBusy{"pid 12 is being profiled already", 7};
  model::Profile profile = test::busy_profile();
  profile.hz = request.hz;
  profile.duration_ns = static_cast<std::uint64_t>(request.duration.count()) * 1'000'000'000;
  return profile;
}

model::ProfileFiles files() {
  const model::Profile profile = test::changed_profile();
  return {expose::write_pprof(profile).value(),
          base::gzip(expose::write_profile_json(profile)).value()};
}

model::CaptureList captures() {
  const model::ProfileFiles profile = files();
  model::Capture with;
  with.facts = {kCaptureId, "gc_pause > 50ms", "web", 1'795'684'800'500, 3, 9, 7};
  with.attachments = {{"trace.json.gz", base::gzip("{}").value()},
                      {std::string(model::kPprofAttachment), profile.pprof},
                      {std::string(model::kProfileAttachment), profile.json_gz}};
  model::Capture without = with;
  without.facts.id = "20261126T092000Z-01abcdef-9";
  without.attachments.resize(1);
  return {{std::make_shared<const model::Capture>(with),
           std::make_shared<const model::Capture>(without)},
          16,
          0};
}

model::KeptProfiles kept() {
  model::KeptProfile minute{kMinuteId, "web\xff", 12, 1'795'684'320'000, 60'000, 1'140, files()};
  return {std::make_shared<const model::KeptProfile>(std::move(minute))};
}

class ProfileRoutes : public testing::Test {
 protected:
  ProfileRoutes() {
    auto server = http::Server::listen({{{"127.0.0.1", 0}}, "/metrics"});
    http::Sources sources = http_test::sources_of(always(snapshot_of("", true)));
    sources.captures = captures;
    sources.kept_profiles = kept;
    sources.max_profile_hz = 999;
    sources.profile = [this](const model::ProfileRequest& request, const std::stop_token&) {
      asked_ = request;
      return answer_to(request);
    };
    EXPECT_TRUE((*server)->serve(std::move(sources)));
    server_ = std::move(*server);
  }

  httplib::Response get(const std::string& path) {
    httplib::Client client("127.0.0.1", http_test::port_of(*server_));
    client.set_decompress(false);
    const auto result = client.Get(path, {{"Accept-Encoding", "identity"}});
    EXPECT_TRUE(result);
    return result ? *result : httplib::Response{};
  }
  int status_of(const std::string& path) { return get(path).status; }
  // A build without pages says so.
  void expect_page(const std::string& path) {
    const auto response = get(path);
    if (expose::flame_page_policy().empty()) {
      EXPECT_EQ(response.status, 500);
      EXPECT_THAT(response.body, HasSubstr("VALKYRIA_DASHBOARD=OFF"));
      return;
    }
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_THAT(response.get_header_value("Content-Type"), HasSubstr("text/html"));
    EXPECT_EQ(response.get_header_value("Content-Security-Policy"), expose::flame_page_policy());
  }

  model::ProfileRequest asked_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(ProfileRoutes, PprofIsAFileWithASafeName) {
  const auto response = get("/debug/pprof/profile?seconds=5&hz=499&process=web");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(response.get_header_value("Content-Type"), "application/octet-stream");
  EXPECT_THAT(response.get_header_value("Content-Disposition"),
              testing::MatchesRegex("attachment; filename=\"profile-[0-9]+-[0-9]+\\.pb\\.gz\""));
  EXPECT_EQ(asked_.process, "web");
  EXPECT_EQ(asked_.duration, std::chrono::seconds(5));
  EXPECT_EQ(asked_.hz, 499u);
  EXPECT_TRUE(asked_.is_awaited);
}

TEST_F(ProfileRoutes, WithoutParametersItIsAsOthersHaveIt) {
  EXPECT_EQ(status_of("/debug/pprof/profile"), 200);
  EXPECT_EQ(asked_.duration, std::chrono::seconds(30));
  EXPECT_EQ(asked_.hz, 99u);
  EXPECT_EQ(asked_.process, std::nullopt);
}

TEST_F(ProfileRoutes, OtherFormatsAreText) {
  EXPECT_THAT(get("/debug/pprof/profile?format=folded").body, HasSubstr("λ "));
  EXPECT_TRUE(json::accept(get("/debug/pprof/profile?format=speedscope").body));
}

TEST_F(ProfileRoutes, ParametersAreChecked) {
  for (const char* query :
       {"seconds=0", "seconds=301", "seconds=1e3", "hz=0", "hz=1000", "format=svg", "seconds="}) {
    const auto response = get(std::string("/debug/pprof/profile?") + query);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_EQ(response.get_header_value("X-Go-Pprof"), "1");
  }
}

TEST_F(ProfileRoutes, ARefusalSaysWhyAndWhenToComeAgain) {
  const auto busy = get("/debug/pprof/profile?process=busy");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.get_header_value("Retry-After"), "7");
  EXPECT_EQ(busy.get_header_value("X-Go-Pprof"), "1");
  EXPECT_THAT(busy.body, HasSubstr("is being profiled already; try again in 7 s"));
  EXPECT_EQ(status_of("/debug/flamegraph?process=busy"), 503);
  EXPECT_EQ(status_of("/debug/pprof/profile?process=none"), 404);
  EXPECT_EQ(status_of("/debug/pprof/profile?process=hangs"), 503);
}

TEST_F(ProfileRoutes, TheIndexIsAPage) {
  const auto moved = get("/debug/pprof");
  EXPECT_EQ(moved.status, 308);
  EXPECT_EQ(moved.get_header_value("Location"), "pprof/");
  EXPECT_THAT(get("/debug/pprof/").body, HasSubstr("href=\"profile?seconds=10\""));
  EXPECT_EQ(status_of("/debug/pprof/heap"), 404);
  EXPECT_EQ(status_of("/debug/pprofx"), 404);
}

TEST_F(ProfileRoutes, AFlameGraphIsAPageOfItsOwn) {
  expect_page("/debug/flamegraph?seconds=1");
  expect_page(std::string("/debug/flamegraph?seconds=1&compare=") + kCaptureId);
  expect_page(std::string("/debug/flamegraph?seconds=1&compare=") + kMinuteId);
  const auto unknown = get("/debug/flamegraph?compare=%3Cb%3E");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.get_header_value("Content-Type"), HasSubstr("text/plain"));
}

TEST_F(ProfileRoutes, MinutesAreListedAndServed) {
  const json list = json::parse(get("/debug/profiles").body)["profiles"];
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["process"], "web\xef\xbf\xbd");
  EXPECT_EQ(list[0]["seconds"], 60);
  EXPECT_EQ(list[0]["samples"], 1'140);
  EXPECT_EQ(get(list[0]["pprof"]).body, files().pprof);
  expect_page(list[0]["flamegraph"]);
  EXPECT_EQ(status_of("/debug/profiles/nothing/pprof"), 404);
  EXPECT_EQ(status_of(std::string("/debug/profiles/") + kMinuteId), 404);
}

TEST_F(ProfileRoutes, ACapturesProfileIsServedWhereItHasOne) {
  const std::string capture = std::string("/debug/captures/") + kCaptureId;
  EXPECT_EQ(get(capture + "/pprof").body, files().pprof);
  expect_page(capture + "/flamegraph");
  EXPECT_EQ(status_of("/debug/captures/20261126T092000Z-01abcdef-9/flamegraph"), 404);
  EXPECT_EQ(status_of("/debug/captures//pprof"), 404);
}

}  // namespace
