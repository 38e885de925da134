// SPDX-License-Identifier: BSD-2-Clause
// What minivalk does when it runs out of something.
#include <gtest/gtest.h>

#include "support/http_load.h"
#include "support/minivalk.h"

namespace {

using test::HttpConnection;
using test::Labels;
using test::Minivalk;
using test::Samples;

const Labels kMain{{"system", "main"}};

std::uint64_t of_system(Minivalk& minivalk, const std::string& name) {
  return minivalk.truth().integer(name, kMain);
}

std::uint64_t of_server(Minivalk& minivalk, const std::string& name, Labels more = {}) {
  Labels labels = minivalk.servers()[0].labels();
  labels.merge(more);
  return minivalk.truth().integer(name, labels);
}

bool comes_to(Minivalk& minivalk, const std::string& name, std::uint64_t value) {
  return test::wait_until(test::soon(), [&] { return of_system(minivalk, name) == value; });
}

// A request in progress for as long as the object lives.
class SlowRequest {
 public:
  explicit SlowRequest(Minivalk& minivalk) : connection_(minivalk.port()) {
    const auto before = of_system(minivalk, "valk_aio_pending_responses");
    connection_.send("GET /slow?ms=60000 HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(comes_to(minivalk, "valk_aio_pending_responses", before + 1));
  }

 private:
  HttpConnection connection_;
};

TEST(MinivalkLimits, RequestsInProgressTakeAnArenaAndABuffer) {
  Minivalk minivalk({"--arenas", "7", "--tcp-buffers", "9", "--connections", "11"});
  {
    SlowRequest slow(minivalk);
    HttpConnection idle(minivalk.port());
    EXPECT_EQ(idle.get("/").status, 200);
    HttpConnection half(minivalk.port());
    ASSERT_TRUE(half.send("GET / HT"));
    ASSERT_TRUE(comes_to(minivalk, "valk_aio_pending_requests", 1));
    Samples truth = minivalk.truth();
    EXPECT_EQ(truth.integer("valk_aio_arenas_used", kMain), 1U);
    EXPECT_EQ(truth.integer("valk_aio_arenas_total", kMain), 7U);
    EXPECT_EQ(truth.integer("valk_aio_tcp_buffers_used", kMain), 2U);
    EXPECT_EQ(truth.integer("valk_aio_tcp_buffers_total", kMain), 9U);
    EXPECT_EQ(truth.integer("valk_aio_connection_pool_used", kMain), 3U);
    EXPECT_EQ(truth.integer("valk_aio_connection_pool_total", kMain), 11U);
    EXPECT_EQ(truth.integer("valk_aio_streams_total", kMain), 3U);
    EXPECT_EQ(truth.integer("valk_aio_streams_active", kMain), 2U);
    EXPECT_EQ(truth.integer("valk_aio_requests_active", kMain), 2U);
  }
  ASSERT_TRUE(comes_to(minivalk, "valk_aio_connection_pool_used", 0));
  Samples truth = minivalk.truth();
  for (const char* gauge : {"valk_aio_arenas_used", "valk_aio_tcp_buffers_used",
                            "valk_aio_streams_active", "valk_aio_pending_requests"})
    EXPECT_EQ(truth.integer(gauge, kMain), 0U) << gauge;
}

TEST(MinivalkLimits, WithoutAnArenaRequestsAreOverload) {
  Minivalk minivalk({"--arenas", "1"});
  SlowRequest slow(minivalk);
  HttpConnection connection(minivalk.port());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(connection.get("/").status, 503);
  ASSERT_TRUE(connection.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"));
  EXPECT_EQ(connection.read_response().status, 503);
  EXPECT_EQ(of_system(minivalk, "valk_aio_arena_pool_overflow_total"), 6U);
  EXPECT_EQ(of_server(minivalk, "http_overload_responses_total"), 6U);
  EXPECT_EQ(of_server(minivalk, "http_requests_total", {{"status", "5xx"}}), 6U);
  EXPECT_EQ(of_server(minivalk, "http_request_duration_seconds_count"), 6U);
  EXPECT_EQ(of_system(minivalk, "valk_aio_requests_total"), 6U);
  EXPECT_EQ(of_system(minivalk, "valk_aio_requests_active"), 1U);
  EXPECT_EQ(of_system(minivalk, "valk_aio_arenas_used"), 1U);
}

TEST(MinivalkLimits, ArenasComeBack) {
  Minivalk minivalk({"--arenas", "1"});
  { SlowRequest slow(minivalk); }
  ASSERT_TRUE(comes_to(minivalk, "valk_aio_arenas_used", 0));
  EXPECT_EQ(test::get(minivalk.port(), "/").status, 200);
}

TEST(MinivalkLimits, WithoutATcpBufferRequestsAreOverload) {
  Minivalk minivalk({"--tcp-buffers", "1"});
  SlowRequest slow(minivalk);
  for (int i = 0; i < 3; ++i) {
    HttpConnection connection(minivalk.port());
    EXPECT_EQ(connection.get("/").status, 503);
    EXPECT_TRUE(connection.is_ended());
  }
  EXPECT_EQ(of_system(minivalk, "valk_aio_tcp_buffer_overflow_total"), 3U);
  EXPECT_EQ(of_system(minivalk, "valk_aio_arena_pool_overflow_total"), 0U);
  EXPECT_EQ(of_server(minivalk, "http_overload_responses_total"), 3U);
  EXPECT_EQ(of_server(minivalk, "http_requests_total", {{"status", "5xx"}}), 3U);
  EXPECT_EQ(of_system(minivalk, "valk_aio_requests_active"), 1U);
}

TEST(MinivalkLimits, AFullPoolShedsConnections) {
  Minivalk minivalk({"--connections", "2"});
  HttpConnection first(minivalk.port());
  HttpConnection second(minivalk.port());
  ASSERT_TRUE(comes_to(minivalk, "valk_aio_connection_pool_used", 2));
  for (int i = 0; i < 100; ++i) {
    HttpConnection shed(minivalk.port());
    EXPECT_EQ(shed.get("/").status, 503) << i;
    EXPECT_TRUE(shed.is_ended());
  }
  EXPECT_EQ(first.get("/").status, 200);
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("valk_aio_connections_rejected_load_total", kMain), 100U);
  EXPECT_EQ(truth.integer("valk_aio_connections_total", kMain), 2U);
  EXPECT_EQ(truth.integer("valk_aio_connections_failed", kMain), 0U);
  EXPECT_EQ(truth.integer("valk_aio_requests_total", kMain), 1U);
  EXPECT_EQ(truth.integer("http_overload_responses_total", minivalk.servers()[0].labels()), 100U);
  EXPECT_EQ(truth.sum("valk_aio_connection_transitions_total", {{"from", "none"}}), 2);
  second.close();
  ASSERT_TRUE(comes_to(minivalk, "valk_aio_connection_pool_used", 1));
  EXPECT_EQ(test::get(minivalk.port(), "/").status, 200);
}

TEST(MinivalkLimits, ShedClientsThatStayAreLimitedAndDoNotHinderTheEnd) {
  Minivalk minivalk({"--connections", "0"});
  std::vector<std::unique_ptr<HttpConnection>> shed;
  for (int i = 0; i < 100; ++i) {
    shed.push_back(std::make_unique<HttpConnection>(minivalk.port()));
    EXPECT_EQ(shed.back()->read_response().status, 503);
  }
  EXPECT_LE(of_system(minivalk, "valk_aio_handles_count"), 64U + 10U);
  EXPECT_EQ(minivalk.quit(), (test::ExitStatus{false, 0}));
}

TEST(MinivalkLimits, AcceptsFailOnCommand) {
  Minivalk minivalk;
  EXPECT_EQ(minivalk.command("fail-accept 3"), R"({"accepts_to_fail":3})");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(HttpConnection(minivalk.port()).is_ended());
  EXPECT_EQ(test::get(minivalk.port(), "/").status, 200);
  EXPECT_EQ(of_system(minivalk, "valk_aio_connections_failed"), 3U);
  EXPECT_EQ(of_system(minivalk, "valk_aio_connection_failures_total"), 3U);
  EXPECT_EQ(of_system(minivalk, "valk_aio_connections_total"), 1U);
  EXPECT_TRUE(minivalk.command("fail-accept x").starts_with("error: "));
}

}  // namespace
