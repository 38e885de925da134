// Profiles over HTTP that are taken to be kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>

#include "http_support.h"

namespace {

using http_test::always;
using http_test::snapshot_of;
using nlohmann::json;

constexpr const char* kId = "20261126T092000Z-01abcdef-1";

base::Result<model::ProfileAnswer> taken(const model::ProfileRequest& request) {
  if (request.process == "none") return base::fail(base::Cause::kGone, "it is not watched");
  if (request.process == "busy") return model::ProfilerBusy{"pid 12 is being profiled already", 7};
  model::Profile profile;
  profile.process = request.process.value_or("shop");
  profile.pid = 4711;
  profile.begun_unix_ns = 1'795'684'800'500'000'000;
  profile.duration_ns = static_cast<std::uint64_t>(request.duration.count()) * 1'000'000'000;
  profile.counts.samples = 198;
  return profile;
}

class NewProfile : public testing::Test {
 protected:
  NewProfile() {
    auto server = http::Server::listen({{{"127.0.0.1", 0}}, "/metrics"});
    http::Sources sources = http_test::sources_of(always(snapshot_of("", true)));
    sources.profile = [](const model::ProfileRequest& request, const std::stop_token&) {
      return taken(request);
    };
    sources.max_profile_hz = 99;
    sources.captures = [] { return model::CaptureList(); };
    sources.keep_profile = [this](const model::Profile& profile) { return keep(profile); };
    sources.kept_profiles = [this] {
      const std::lock_guard lock(mutex_);
      return kept_;
    };
    EXPECT_TRUE((*server)->serve(std::move(sources)));
    server_ = std::move(*server);
  }

  std::shared_ptr<const model::KeptProfile> keep(const model::Profile& profile) {
    if (has_no_memory_) return nullptr;
    model::KeptProfile kept;
    kept.id = kId;
    kept.process = profile.process;
    kept.pid = profile.pid;
    kept.duration_ms = profile.duration_ns / 1'000'000;
    kept.samples = profile.counts.samples;
    const std::lock_guard lock(mutex_);
    kept_ = {std::make_shared<const model::KeptProfile>(std::move(kept))};
    return kept_.front();
  }

  httplib::Result get(const std::string& path) {
    return httplib::Client("127.0.0.1", http_test::port_of(*server_)).Get(path);
  }

  std::atomic<bool> has_no_memory_ = false;
  std::mutex mutex_;  // over `kept_`
  model::KeptProfiles kept_;
  std::unique_ptr<http::Server> server_;  // the last: it uses the others
};

TEST_F(NewProfile, ANewOneIsKeptAndSaysWhere) {
  const auto response = get("/debug/profiles/new?seconds=2&process=web%26%ff");
  ASSERT_EQ(response->status, 200) << response->body;
  EXPECT_EQ(response->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(response->get_header_value("Cache-Control"), "no-store");
  const json row = json::parse(response->body);
  EXPECT_EQ(row["id"], kId);
  EXPECT_EQ(row["process"], "web&\uFFFD");
  EXPECT_EQ(row["seconds"], 2.0);
  EXPECT_EQ(row["samples"], 198);
  EXPECT_EQ(row["flamegraph"], std::string("/debug/profiles/") + kId + "/flamegraph");
  EXPECT_EQ(json::parse(get("/debug/profiles")->body)["profiles"], json::array({row}));
}

TEST_F(NewProfile, WhyThereIsNoneIsSaid) {
  EXPECT_EQ(get("/debug/profiles/new?process=none")->status, 404);
  EXPECT_EQ(get("/debug/profiles/new?seconds=0")->status, 400);
  const auto busy = get("/debug/profiles/new?process=busy");
  EXPECT_EQ(busy->status, 503);
  EXPECT_EQ(busy->get_header_value("Retry-After"), "7");
  EXPECT_EQ(busy->body, "pid 12 is being profiled already; try again in 7 s\n");
  has_no_memory_ = true;
  EXPECT_EQ(get("/debug/profiles/new")->status, 500);
  EXPECT_TRUE(kept_.empty());
}

TEST_F(NewProfile, NobodyButOurOwnPageTakesANewOne) {
  httplib::Client client("127.0.0.1", http_test::port_of(*server_));
  const httplib::Headers followed = {{"Sec-Fetch-Site", "cross-site"},
                                     {"Sec-Fetch-Mode", "navigate"},
                                     {"Sec-Fetch-Dest", "document"}};
  EXPECT_EQ(client.Get("/debug/profiles/new", followed)->status, 403);
  EXPECT_EQ(client.Head("/debug/profiles/new")->status, 200);
  EXPECT_TRUE(kept_.empty());
  EXPECT_EQ(client.Get("/debug/profiles/new", {{"Sec-Fetch-Site", "same-origin"}})->status, 200);
}

}  // namespace
