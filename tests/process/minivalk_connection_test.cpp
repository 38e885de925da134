// SPDX-License-Identifier: BSD-2-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "support/http_load.h"
#include "support/minivalk.h"

namespace {

using test::HttpConnection;
using test::Labels;
using test::Minivalk;
using test::Samples;

const Labels MAIN{{"system", "main"}};

std::uint64_t transitions(const Samples& truth, const std::string& from, const std::string& to) {
  Labels labels{{"system", "main"}, {"from", from}, {"to", to}};
  const test::Value* value = truth.find("valk_aio_connection_transitions_total", labels);
  return value != nullptr ? static_cast<std::uint64_t>(value->number) : 0;
}

std::uint64_t state_count(const Samples& truth, const std::string& state) {
  return truth.integer("valk_aio_connection_state_duration_seconds_count",
                       {{"system", "main"}, {"state", state}});
}

bool all_closed(Minivalk& minivalk) {
  return test::wait_until(test::soon(), [&] {
    Samples truth = minivalk.truth();
    return transitions(truth, "closing", "closed") ==
           truth.integer("valk_aio_connections_total", MAIN);
  });
}

TEST(MinivalkConnection, IsKeptForManyRequests) {
  Minivalk minivalk;
  {
    HttpConnection connection(minivalk.port());
    for (int i = 0; i < 50; ++i) ASSERT_EQ(connection.get("/").status, 200);
    Samples truth = minivalk.truth();
    EXPECT_EQ(truth.integer("valk_aio_connections_total", MAIN), 1U);
    EXPECT_EQ(truth.integer("valk_aio_connections_idle", MAIN), 1U);
    EXPECT_EQ(truth.integer("valk_aio_connection_pool_used", MAIN), 1U);
    EXPECT_EQ(truth.integer("http_connections_active", minivalk.servers()[0].labels()), 1U);
  }
  ASSERT_TRUE(all_closed(minivalk));
  Samples truth = minivalk.truth();
  EXPECT_EQ(transitions(truth, "none", "connecting"), 1U);
  EXPECT_EQ(transitions(truth, "connecting", "idle"), 1U);
  EXPECT_EQ(transitions(truth, "idle", "active"), 50U);
  EXPECT_EQ(transitions(truth, "active", "idle"), 50U);
  EXPECT_EQ(transitions(truth, "idle", "closing"), 1U);
  EXPECT_EQ(transitions(truth, "closing", "closed"), 1U);
  EXPECT_EQ(truth.integer("valk_aio_connections_idle", MAIN), 0U);
  EXPECT_EQ(truth.integer("http_connections_active", minivalk.servers()[0].labels()), 0U);
}

TEST(MinivalkConnection, EveryStateThatIsLeftIsMeasuredOnce) {
  Minivalk minivalk;
  test::run_load(minivalk.port(), 5, {"/", "/slow?ms=2"}, 100);
  ASSERT_TRUE(all_closed(minivalk));
  Samples truth = minivalk.truth();
  EXPECT_EQ(state_count(truth, "connecting"), 5U);
  EXPECT_EQ(state_count(truth, "active"), 100U);
  EXPECT_EQ(state_count(truth, "idle"), 105U);
  EXPECT_EQ(state_count(truth, "closing"), 5U);
  // A connection is active exactly while its request is open.
  EXPECT_EQ(truth
                .find("valk_aio_connection_state_duration_seconds_sum",
                      {{"system", "main"}, {"state", "active"}})
                ->text,
            truth.find("http_request_duration_seconds_sum", minivalk.servers()[0].labels())->text);
}

TEST(MinivalkConnection, CloseIsRespected) {
  Minivalk minivalk;
  HttpConnection asked(minivalk.port());
  auto response = asked.get("/", {{"Connection", "close"}});
  EXPECT_EQ(response.headers["connection"], "close");
  EXPECT_TRUE(asked.is_ended());
  HttpConnection among_others(minivalk.port());
  EXPECT_EQ(among_others.get("/", {{"Connection", "TE, Close"}}).status, 200);
  EXPECT_TRUE(among_others.is_ended());
}

TEST(MinivalkConnection, Http10IsClosedUnlessAskedToBeKept) {
  Minivalk minivalk;
  HttpConnection closed(minivalk.port());
  ASSERT_TRUE(closed.send("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(closed.read_response().status, 200);
  EXPECT_TRUE(closed.is_ended());
  HttpConnection kept(minivalk.port());
  ASSERT_TRUE(kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_EQ(kept.read_response().status, 200);
  EXPECT_EQ(kept.get("/").status, 200);
}

TEST(MinivalkConnection, SlowRequestsDoNotBlockOthers) {
  Minivalk minivalk;
  HttpConnection slow(minivalk.port());
  ASSERT_TRUE(slow.send("GET /slow?ms=60000 HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(test::get(minivalk.port(), "/fib?n=10").body, "55\n");
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    return minivalk.truth().integer("valk_aio_requests_active", MAIN) == 1;
  }));
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("valk_aio_connections_active", MAIN), 1U);
  EXPECT_EQ(truth.integer("valk_aio_pending_responses", MAIN), 1U);
}

TEST(MinivalkConnection, SlowAnswersTakeTheirTime) {
  Minivalk minivalk;
  auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(test::get(minivalk.port(), "/slow?ms=1000").status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(999));
  Samples truth = minivalk.truth();
  Labels labels = minivalk.servers()[0].labels();
  EXPECT_GE(truth.number("http_request_duration_seconds_sum", labels), 0.999);
  // Nothing of that is time in Lisp.
  EXPECT_LT(truth.number("valk_eval_duration_seconds_sum", {{"kind", "request"}}) * 2,
            truth.number("http_request_duration_seconds_sum", labels));
}

TEST(MinivalkConnection, RequestGivenUpByTheClientIsAnErrorWithoutAResponse) {
  Minivalk minivalk;
  HttpConnection connection(minivalk.port());
  ASSERT_TRUE(connection.send("GET /slow?ms=60000 HTTP/1.1\r\n\r\n"));
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    return minivalk.truth().integer("valk_aio_pending_responses", MAIN) == 1;
  }));
  connection.close();
  ASSERT_TRUE(all_closed(minivalk));
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("valk_aio_requests_errors", MAIN), 1U);
  EXPECT_EQ(truth.integer("valk_aio_request_errors_total", MAIN), 1U);
  EXPECT_EQ(truth.integer("valk_aio_requests_active", MAIN), 0U);
  EXPECT_EQ(truth.integer("valk_aio_pending_responses", MAIN), 0U);
  EXPECT_EQ(truth.sum("http_requests_total"), 0);
  EXPECT_EQ(truth.integer("http_request_duration_seconds_count", minivalk.servers()[0].labels()),
            0U);
  EXPECT_EQ(transitions(truth, "active", "idle"), 1U);
  EXPECT_EQ(transitions(truth, "idle", "closing"), 1U);
  EXPECT_EQ(state_count(truth, "active"), 1U);
}

TEST(MinivalkConnection, RequestGivenUpInItsHeadIsAnError) {
  Minivalk minivalk;
  HttpConnection connection(minivalk.port());
  ASSERT_TRUE(connection.send("GET / HT"));
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    return minivalk.truth().integer("valk_aio_requests_active", MAIN) == 1;
  }));
  connection.close();
  ASSERT_TRUE(all_closed(minivalk));
  EXPECT_EQ(minivalk.truth().integer("valk_aio_requests_errors", MAIN), 1U);
}

TEST(MinivalkConnection, OneTooManyIsAnsweredAsOverload) {
  Minivalk minivalk;
  auto pool = minivalk.truth().integer("valk_aio_connection_pool_total", MAIN);
  std::vector<std::unique_ptr<HttpConnection>> connections;
  // One file a connection on both sides, and some more.
  for (std::uint64_t i = 0; i < pool; ++i) {
    try {
      connections.push_back(std::make_unique<HttpConnection>(minivalk.port()));
    } catch (const std::system_error&) {
      GTEST_SKIP() << "only " << i << " sockets allowed (ulimit -n)";
    }
  }
  if (!test::wait_until(test::in(std::chrono::seconds(5)), [&] {
        return minivalk.truth().integer("valk_aio_connection_pool_used", MAIN) == pool;
      }))
    GTEST_SKIP() << "minivalk could not open all of its connections (ulimit -n)";
  HttpConnection refused(minivalk.port());
  EXPECT_EQ(refused.read_response().status, 503);
  EXPECT_TRUE(refused.is_ended());
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("valk_aio_connections_rejected_load_total", MAIN), 1U);
  EXPECT_EQ(truth.integer("http_overload_responses_total", minivalk.servers()[0].labels()), 1U);
  EXPECT_EQ(truth.integer("valk_aio_connections_total", MAIN), pool);
  connections.clear();
  ASSERT_TRUE(all_closed(minivalk));
  EXPECT_EQ(test::get(minivalk.port(), "/").status, 200);
}

}  // namespace
