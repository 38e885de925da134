#include "state/runtimes/registry_servers.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>

namespace {

using model::StatusClass;
using state::RegisteredMetric;
using state::RegistryServers;

constexpr std::array<std::uint64_t, 1> kBoundsNs{1'000};

RegisteredMetric metric_of(std::string name, std::string loop, std::string status = "") {
  RegisteredMetric metric{0, std::move(name), {}};
  metric.labels = {{"server", "::"}, {"port", "80"}, {"protocol", "http"}};
  metric.labels.emplace_back("loop", std::move(loop));
  if (!status.empty()) metric.labels.emplace_back("status", std::move(status));
  return metric;
}

TEST(RegistryServers, AddsSeriesThatDifferOnlyInOtherLabels) {
  RegistryServers servers("loop");
  for (const char* loop : {"main", "background"}) {
    servers.add_counter(metric_of("http_requests_total", loop, "2xx"), 7);
    servers.add_counter(metric_of("http_bytes_sent_total", loop), 100);
    servers.add_gauge(metric_of("http_connections_active", loop), 2);
    servers.add_request_duration(metric_of("http_request_duration_seconds", loop),
                                 model::Histogram{kBoundsNs, {5, 2}, 9'000});
  }
  const auto list = servers.take();
  ASSERT_EQ(list.size(), 1u);
  ASSERT_EQ(list[0].metrics.requests.size(), 1u);
  EXPECT_EQ(list[0].metrics.requests[0].status, StatusClass::k2xx);
  EXPECT_EQ(list[0].metrics.requests[0].count, 14u);
  EXPECT_EQ(list[0].metrics.bytes_sent, 200u);
  EXPECT_EQ(list[0].metrics.connections_active, 4u);
  EXPECT_EQ(list[0].metrics.request_duration_ns->counts, (std::vector<std::uint64_t>{10, 4}));
  EXPECT_EQ(list[0].metrics.request_duration_ns->sum_ns, 18'000u);
  EXPECT_TRUE(servers.take().empty());
}

// All, then 2xx, 4xx, 5xx and shed ones.
void add_requests(RegistryServers& servers, const std::string& loop,
                  const std::array<model::Count, 5>& counts) {
  servers.add_counter(metric_of("http_requests_total", loop), counts[0]);
  servers.add_counter(metric_of("http_requests_total", loop, "2xx"), counts[1]);
  servers.add_counter(metric_of("http_requests_total", loop, "4xx"), counts[2]);
  servers.add_counter(metric_of("http_requests_total", loop, "5xx"), counts[3]);
  servers.add_counter(metric_of("http_overload_responses_total", loop), counts[4]);
}

model::Count rest_of(RegistryServers& servers) {
  return servers.take().at(0).rest.first_look();
}

TEST(RegistryServers, KnowTheRequestsOfNoClass) {
  RegistryServers servers("loop");
  add_requests(servers, "main", {100, 80, 10, 7, 2});  // 5 that failed, and 2 that were shed
  EXPECT_EQ(rest_of(servers), 5u);
  add_requests(servers, "main", {100, 80, 10, 7, 2});
  add_requests(servers, "background", {10, 9, 0, 0, 0});
  EXPECT_EQ(rest_of(servers), 6u);
  add_requests(servers, "main", {100, 80, 10, 15, 2});  // one was counted between
  EXPECT_EQ(rest_of(servers), 0u);
}

TEST(RegistryServers, KnowNoRestWhereAPartOfItIsNotKnown) {
  for (std::size_t unknown = 0; unknown < 5; ++unknown) {
    std::array<model::Count, 5> counts{100, 80, 10, 7, 2};
    counts.at(unknown).reset();
    RegistryServers servers("loop");
    add_requests(servers, "main", counts);
    EXPECT_EQ(rest_of(servers), std::nullopt) << unknown;
  }
  RegistryServers servers("loop");
  add_requests(servers, "main", {100, 80, 10, 7, 2});
  servers.add_counter(metric_of("http_requests_total", "background"), 5);
  EXPECT_EQ(rest_of(servers), std::nullopt);
  servers.add_counter(metric_of("http_requests_total", "main", "2xx"), 5);
  EXPECT_EQ(rest_of(servers), std::nullopt);
}

TEST(RegistryServers, PassesOverTheSumOfAllStatusesAndOverWhatIsNotKnown) {
  RegistryServers servers("loop");
  servers.add_counter(metric_of("http_requests_total", "main"), 7);
  servers.add_counter(metric_of("http_requests_total", "main", "4xx"), std::nullopt);
  EXPECT_FALSE(servers.add_counter(metric_of("something_else_total", "main"), 7));
  servers.add_request_duration(metric_of("http_request_duration_seconds", "main"), std::nullopt);
  const auto list = servers.take();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_TRUE(list[0].metrics.requests.empty());
  EXPECT_EQ(list[0].metrics.bytes_sent, std::nullopt);
  EXPECT_FALSE(list[0].metrics.request_duration_ns);
}

TEST(RegistryServers, LeavesToApplicationsWhatHasOtherLabels) {
  RegistryServers servers("loop");
  EXPECT_FALSE(servers.add_gauge({0, "http_connections_active", {{"role", "client"}}}, 1));
  EXPECT_FALSE(servers.add_counter({1, "http_bytes_sent_total", {{"server", "::"}}}, 1));
  EXPECT_FALSE(servers.add_counter(metric_of("http_bytes_sent_total", "main", "2xx"), 1));
  EXPECT_FALSE(servers.add_counter(metric_of("http_requests_total", "main", "slow"), 1));
  EXPECT_TRUE(servers.take().empty());
}

TEST(RegistryServers, DoesNotBelieveASumThatIsTooLarge) {
  RegistryServers servers("loop");
  const std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  servers.add_counter(metric_of("http_bytes_sent_total", "main"), most);
  servers.add_counter(metric_of("http_bytes_sent_total", "background"), 1);
  EXPECT_EQ(servers.take().at(0).metrics.bytes_sent, std::nullopt);
}

TEST(RegistryServers, DoesNotBelieveWhatIsAddedToASumThatWasTooLarge) {
  RegistryServers servers("loop");
  const std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  for (const std::uint64_t count : {most, most, most, std::uint64_t{5}}) {
    servers.add_counter(metric_of("http_bytes_sent_total", "main"), count);
    servers.add_counter(metric_of("http_requests_total", "main", "2xx"), count);
    servers.add_gauge(metric_of("http_connections_active", "main"), count);
  }
  servers.add_counter(metric_of("http_requests_total", "main", "5xx"), 3);
  const auto list = servers.take();
  EXPECT_EQ(list.at(0).metrics.bytes_sent, std::nullopt);
  EXPECT_EQ(list.at(0).metrics.connections_active, std::nullopt);
  ASSERT_EQ(list.at(0).metrics.requests.size(), 1u);
  EXPECT_EQ(list.at(0).metrics.requests[0].status, StatusClass::k5xx);
}

TEST(RegistryServers, DoesNotBelieveDurationsWhoseSumIsTooLarge) {
  const std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  for (const auto& more : {model::Histogram{kBoundsNs, {0, most}, 1},  // in one bucket
                           model::Histogram{kBoundsNs, {most, 0}, 1},  // in all of them
                           model::Histogram{kBoundsNs, {0, 0}, most}}) {
    RegistryServers servers("loop");
    for (const auto& duration : {model::Histogram{kBoundsNs, {0, 1}, 1}, more}) {
      servers.add_request_duration(metric_of("http_request_duration_seconds", "main"), duration);
    }
    EXPECT_FALSE(servers.take().at(0).metrics.request_duration_ns);
  }
}

}  // namespace
