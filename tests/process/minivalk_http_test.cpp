// SPDX-License-Identifier: BSD-2-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/http_load.h"
#include "support/minivalk.h"

namespace {

using test::HttpConnection;
using test::Labels;
using test::Minivalk;
using test::Samples;

std::uint64_t requests(Minivalk& minivalk, const std::string& status) {
  Labels labels = minivalk.servers()[0].labels();
  labels["status"] = status;
  Samples truth = minivalk.truth();
  const test::Value* value = truth.find("http_requests_total", labels);
  return value != nullptr ? static_cast<std::uint64_t>(value->number) : 0;
}

TEST(MinivalkHttp, FibIsComputedInLisp) {
  Minivalk minivalk;
  auto before = minivalk.truth().integer("valk_function_calls_total");
  EXPECT_EQ(test::get(minivalk.port(), "/fib?n=20").body, "6765\n");
  EXPECT_EQ(test::get(minivalk.port(), "/fib?n=0").body, "0\n");
  EXPECT_GE(minivalk.truth().integer("valk_function_calls_total") - before, 21891U);
  for (const char* path : {"/fib?n=31", "/fib?n=-1", "/fib?n=x", "/fib?n="})
    EXPECT_EQ(test::get(minivalk.port(), path).status, 400) << path;
}

TEST(MinivalkHttp, PathsAnswerAsPromised) {
  Minivalk minivalk;
  EXPECT_EQ(test::get(minivalk.port(), "/").status, 200);
  EXPECT_EQ(test::get(minivalk.port(), "/alloc?kb=64").body, "64\n");
  EXPECT_EQ(test::get(minivalk.port(), "/slow?ms=1").body, "slow\n");
  EXPECT_EQ(test::get(minivalk.port(), "/stall?ms=1").body, "stalled\n");
  EXPECT_EQ(test::get(minivalk.port(), "/status/503").status, 503);
  EXPECT_EQ(test::get(minivalk.port(), "/status/204").body, "");
  EXPECT_EQ(test::get(minivalk.port(), "/nothing").status, 404);
  for (const char* path : {"/status/199", "/status/1000", "/status/", "/status/2x0",
                           "/alloc?kb=99999", "/slow?ms=60001", "/stall?ms=5001"})
    EXPECT_EQ(test::get(minivalk.port(), path).status, 400) << path;
}

TEST(MinivalkHttp, MixedStatusesAreCountedExactly) {
  Minivalk minivalk;
  auto load = test::run_load(minivalk.port(), 8,
                             {"/", "/status/201", "/status/301", "/status/304", "/status/204",
                              "/nothing", "/status/500", "/status/700", "/fib?n=5", "/slow?ms=1"},
                             1000);
  EXPECT_EQ(load.responses(), 1000U);
  EXPECT_EQ(load.failures, 0U);
  EXPECT_EQ(requests(minivalk, "2xx"), 500U);
  EXPECT_EQ(requests(minivalk, "3xx"), 200U);
  EXPECT_EQ(requests(minivalk, "4xx"), 100U);
  EXPECT_EQ(requests(minivalk, "5xx"), 100U);
  EXPECT_EQ(requests(minivalk, "other"), 100U);
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("http_request_duration_seconds_count", minivalk.servers()[0].labels()),
            1000U);
  EXPECT_EQ(truth.integer("valk_aio_requests_total", {{"system", "main"}}), 1000U);
  EXPECT_EQ(truth.integer("valk_eval_duration_seconds_count", {{"kind", "request"}}), 1000U);
  EXPECT_EQ(truth.integer("http_bytes_sent_total", minivalk.servers()[0].labels()),
            load.body_bytes);
}

TEST(MinivalkHttp, StatusClassesArePresentBeforeAnyRequest) {
  Minivalk minivalk({"--servers", "2"});
  Samples truth = minivalk.truth();
  for (const auto& server : minivalk.servers()) {
    Labels labels = server.labels();
    for (const char* status : {"2xx", "3xx", "4xx", "5xx"}) {
      labels["status"] = status;
      EXPECT_EQ(truth.integer("http_requests_total", labels), 0U);
    }
    labels["status"] = "other";
    EXPECT_EQ(truth.find("http_requests_total", labels), nullptr);
  }
}

TEST(MinivalkHttp, ServersCountApart) {
  Minivalk minivalk({"--servers", "2", "--systems", "main,background"});
  for (int i = 0; i < 3; ++i) test::get(minivalk.servers()[1].port, "/");
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.sum("http_requests_total", minivalk.servers()[0].labels()), 0);
  EXPECT_EQ(truth.sum("http_requests_total", minivalk.servers()[1].labels()), 3);
  EXPECT_EQ(truth.integer("valk_aio_requests_total", {{"system", "background"}}), 3U);
  EXPECT_EQ(truth.integer("valk_aio_requests_total", {{"system", "main"}}), 0U);
}

TEST(MinivalkHttp, BytesReceivedAreHeadersAndBody) {
  Minivalk minivalk;
  HttpConnection connection(minivalk.port());
  // 4 + 1 + 4, 14 + 1 + 4 and the body.
  ASSERT_TRUE(connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"));
  EXPECT_EQ(connection.read_response().status, 200);
  EXPECT_EQ(minivalk.truth().integer("http_bytes_recv_total", minivalk.servers()[0].labels()), 33U);
}

TEST(MinivalkHttp, RequestsMayArriveInPieces) {
  Minivalk minivalk;
  HttpConnection connection(minivalk.port());
  for (char byte : std::string("GET /fib?n=7 HTTP/1.1\r\nHost: h\r\n\r\n"))
    ASSERT_TRUE(connection.send(std::string(1, byte)));
  EXPECT_EQ(connection.read_response().body, "13\n");
}

TEST(MinivalkHttp, PipelinedRequestsAreAnsweredInOrder) {
  Minivalk minivalk;
  HttpConnection connection(minivalk.port());
  std::string requests_text;
  for (int n = 0; n < 20; ++n)
    requests_text += "GET /" +
                     std::string(n % 5 == 0 ? "slow?ms=5" : "status/" + std::to_string(210 + n)) +
                     " HTTP/1.1\r\n\r\n";
  ASSERT_TRUE(connection.send(requests_text));
  for (int n = 0; n < 20; ++n)
    EXPECT_EQ(connection.read_response().status, n % 5 == 0 ? 200 : 210 + n);
  EXPECT_EQ(requests(minivalk, "2xx"), 20U);
}

TEST(MinivalkHttp, MorePipelinedRequestsThanItBuffersAreAllAnswered) {
  Minivalk minivalk;
  HttpConnection connection(minivalk.port());
  std::string requests_text = "GET /slow?ms=30 HTTP/1.1\r\n\r\n";
  for (int i = 0; i < 3000; ++i) requests_text += "GET / HTTP/1.1\r\n\r\n";
  ASSERT_TRUE(connection.send(requests_text));
  for (int i = 0; i < 3001; ++i) ASSERT_EQ(connection.read_response().status, 200) << i;
}

TEST(MinivalkHttp, BodiesAreSkipped) {
  Minivalk minivalk;
  HttpConnection connection(minivalk.port());
  std::string body(300000, 'x');
  ASSERT_TRUE(connection.send("POST / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + body));
  EXPECT_EQ(connection.read_response().status, 200);
  EXPECT_EQ(connection.get("/fib?n=10").body, "55\n");
}

TEST(MinivalkHttp, MalformedRequestsGet400AndTheEnd) {
  Minivalk minivalk;
  const std::vector<std::string> malformed = {
      "nonsense\r\n\r\n",
      "GET\r\n\r\n",
      "GET /\r\n\r\n",
      "GET / HTTP/2.0\r\n\r\n",
      "GET  / HTTP/1.1\r\n\r\n",
      "GET nopath HTTP/1.1\r\n\r\n",
      "G(T / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nno colon\r\n\r\n",
      "GET / HTTP/1.1\r\nbad name: x\r\n\r\n",
      "GET / HTTP/1.1\r\n: x\r\n\r\n",
      "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
      "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"};
  for (const auto& text : malformed) {
    HttpConnection connection(minivalk.port());
    ASSERT_TRUE(connection.send(text));
    EXPECT_EQ(connection.read_response().status, 400) << text;
    EXPECT_TRUE(connection.is_ended()) << text;
  }
  EXPECT_EQ(requests(minivalk, "4xx"), malformed.size());
}

TEST(MinivalkHttp, TooLargeRequestsAreRefused) {
  Minivalk minivalk;
  HttpConnection long_target(minivalk.port());
  ASSERT_TRUE(long_target.send("GET /" + std::string(2000, 'a') + " HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(long_target.read_response().status, 431);
  HttpConnection long_head(minivalk.port());
  ASSERT_TRUE(long_head.send("GET / HTTP/1.1\r\nA: " + std::string(9000, 'a')));
  EXPECT_EQ(long_head.read_response().status, 431);
  HttpConnection long_body(minivalk.port());
  ASSERT_TRUE(long_body.send("GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"));
  EXPECT_EQ(long_body.read_response().status, 431);
  EXPECT_EQ(requests(minivalk, "4xx"), 3U);
}

TEST(MinivalkHttp, LispErrorsGet500) {
  Minivalk minivalk;
  minivalk.command("eval (define (handle-root path) (car 1))");
  minivalk.command("eval (set! routes (list (list \"/\" handle-root)))");
  EXPECT_EQ(test::get(minivalk.port(), "/").status, 500);
  minivalk.command("eval (define (handle path) 42)");
  EXPECT_EQ(test::get(minivalk.port(), "/").status, 500);
  EXPECT_EQ(requests(minivalk, "5xx"), 2U);
}

TEST(MinivalkHttp, HeadHasNoBody) {
  Minivalk minivalk;
  HttpConnection connection(minivalk.port());
  ASSERT_TRUE(
      connection.send("HEAD /status/204 HTTP/1.1\r\n\r\nHEAD / HTTP/1.1\r\n\r\n"
                      "GET /status/204 HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(connection.read_response().status, 204);
  ASSERT_TRUE(test::wait_until(test::soon(), [&] { return requests(minivalk, "2xx") == 3; }));
  EXPECT_EQ(minivalk.truth().integer("http_bytes_sent_total", minivalk.servers()[0].labels()), 0U);
}

TEST(MinivalkHttp, HistogramsAreCumulativeAndConsistent) {
  Minivalk minivalk;
  test::run_load(minivalk.port(), 4, {"/", "/slow?ms=3", "/fib?n=12", "/status/500"}, 200);
  minivalk.command("gc");
  Samples truth = minivalk.truth();
  std::size_t histograms = 0;
  for (const auto& [count_series, count] : truth.values) {
    const std::string& name = count_series.name;
    if (!name.ends_with("_seconds_count")) continue;
    ++histograms;
    std::string family = name.substr(0, name.size() - 6);
    std::map<double, double> buckets;
    for (const auto& bucket : truth.series(family + "_bucket", count_series.labels)) {
      const std::string& le = bucket.labels.at("le");
      buckets[le == "+Inf" ? HUGE_VAL : std::stod(le)] = truth.values.at(bucket).number;
    }
    EXPECT_EQ(buckets.size(), family.starts_with("http_") ? 18U : 20U) << family;
    double previous = 0;
    double least_sum = 0;
    double last_bound = 0;
    for (const auto& [le, cumulative] : buckets) {
      EXPECT_GE(cumulative, previous) << family << " " << le;
      least_sum += (cumulative - previous) * last_bound;
      previous = cumulative;
      last_bound = le;
    }
    EXPECT_EQ(previous, count.number) << family;
    EXPECT_GE(truth.number(family + "_sum", count_series.labels), least_sum) << family;
  }
  EXPECT_GE(histograms, 10U);
}

}  // namespace
