#include "state/runtimes/server_totals.h"

#include <gtest/gtest.h>

#include <array>

namespace {

using model::ServerMetrics;
using model::StatusClass;
using state::ServerTotals;

constexpr std::array<std::uint64_t, 1> kBoundsNs{1'000};

ServerMetrics server_of(const std::string& port, std::uint64_t count) {
  ServerMetrics server;
  server.host = "::";
  server.port = port;
  server.protocol = "http";
  server.connections_active = count;
  server.requests = {{StatusClass::k2xx, count}, {StatusClass::kOther, count}};
  server.bytes_sent = count;
  server.bytes_received = count;
  server.overload_responses = count;
  server.request_duration_ns = model::Histogram{kBoundsNs, {count, count}, count};
  return server;
}

std::vector<ServerMetrics> raised(ServerTotals& totals, std::vector<ServerMetrics> servers) {
  totals.raise(servers);
  return servers;
}

TEST(ServerTotals, LetNoCounterFallAndGaugesAlone) {
  ServerTotals totals;
  raised(totals, {server_of("80", 9)});
  const auto server = raised(totals, {server_of("80", 3)}).at(0);
  EXPECT_EQ(server.requests.at(0).count, 9u);
  EXPECT_EQ(server.requests.at(1).count, 9u);
  EXPECT_EQ(server.bytes_sent, 9u);
  EXPECT_EQ(server.bytes_received, 9u);
  EXPECT_EQ(server.overload_responses, 9u);
  EXPECT_EQ(server.request_duration_ns->counts, (std::vector<std::uint64_t>{9, 9}));
  EXPECT_EQ(server.request_duration_ns->sum_ns, 9u);
  EXPECT_EQ(server.connections_active, 3u);
  EXPECT_EQ(raised(totals, {server_of("80", 10)}).at(0).bytes_sent, 10u);
}

TEST(ServerTotals, RememberWhatIsNotToldForOneReading) {
  ServerTotals totals;
  raised(totals, {server_of("80", 9)});
  ServerMetrics torn = server_of("80", 9);
  torn.requests.pop_back();
  torn.bytes_sent.reset();
  const auto server = raised(totals, {torn}).at(0);
  ASSERT_EQ(server.requests.size(), 2u);
  EXPECT_EQ(server.requests[1].status, StatusClass::kOther);
  EXPECT_EQ(server.requests[1].count, 9u);
  EXPECT_EQ(server.bytes_sent, std::nullopt);  // unknown is not less
}

TEST(ServerTotals, KnowTheRestThatWasTold) {
  ServerTotals totals;
  EXPECT_EQ(totals.rest_of(server_of("80", 1)), 0u);
  raised(totals, {server_of("80", 9), server_of("81", 4)});
  EXPECT_EQ(totals.rest_of(server_of("80", 1)), 9u);
  EXPECT_EQ(totals.rest_of(server_of("81", 1)), 4u);
}

TEST(ServerTotals, ForgetServersThatHaveGone) {
  ServerTotals totals;
  raised(totals, {server_of("80", 9)});
  raised(totals, {server_of("81", 4)});
  EXPECT_EQ(totals.rest_of(server_of("80", 1)), 0u);
  EXPECT_EQ(raised(totals, {server_of("80", 3)}).at(0).bytes_sent, 3u);
}

}  // namespace
