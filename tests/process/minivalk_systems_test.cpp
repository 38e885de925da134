// SPDX-License-Identifier: BSD-2-Clause
// Several loops in threads of their own, one heap, and collections that stop them all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/http_load.h"
#include "support/minivalk.h"

namespace {

using test::HttpConnection;
using test::Labels;
using test::Minivalk;
using test::Samples;

class MinivalkSystems : public testing::Test {
 protected:
  std::uint16_t port(std::size_t server) const { return minivalk_.servers()[server].port; }

  std::uint64_t of(const std::string& system, const std::string& name) {
    return minivalk_.truth().integer(name, {{"system", system}});
  }

  void load_all(const std::vector<std::string>& paths, std::uint64_t requests) {
    std::vector<std::jthread> threads;
    for (const auto& server : minivalk_.servers()) {
      threads.emplace_back([&, requests] {
        const auto load = test::run_load(server.port, 2, paths, requests);
        EXPECT_EQ(load.failures, 0U);
        EXPECT_EQ(load.responses(), requests);
      });
    }
  }

  Minivalk minivalk_{{"--servers", "3", "--systems", "main,background,third"}};
};

TEST_F(MinivalkSystems, CountTheirOwn) {
  load_all({"/", "/fib?n=8", "/status/404", "/slow?ms=1"}, 200);
  const Samples truth = minivalk_.truth();
  for (const char* system : {"main", "background", "third"}) {
    const Labels labels{{"system", system}};
    EXPECT_EQ(truth.integer("valk_aio_requests_total", labels), 200U) << system;
    EXPECT_EQ(truth.integer("valk_aio_streams_total", labels), 200U) << system;
    EXPECT_EQ(truth.integer("valk_aio_connections_total", labels), 2U) << system;
    EXPECT_EQ(truth.integer("valk_aio_servers_count", labels), 1U) << system;
    EXPECT_GE(truth.integer("valk_aio_handles_count", labels), 3U) << system;
    EXPECT_GE(truth.integer("valk_loop_iterations_total", labels), 50U) << system;
    EXPECT_GE(truth.integer("valk_events_processed_total", labels), 200U) << system;
    EXPECT_GT(truth.number("valk_loop_idle_seconds_total", labels), 0.0) << system;
  }
  EXPECT_EQ(truth.integer("valk_eval_duration_seconds_count", {{"kind", "request"}}), 600U);
}

TEST_F(MinivalkSystems, DoNotWaitForEachOther) {
  HttpConnection stalled(port(0));
  ASSERT_TRUE(stalled.send("GET /stall?ms=2000 HTTP/1.1\r\n\r\n"));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(test::get(port(1), "/fib?n=10").body, "55\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1500));
  EXPECT_EQ(stalled.read_response().status, 200);
}

TEST_F(MinivalkSystems, ShareTheGlobalEnvironment) {
  EXPECT_EQ(test::get(port(1), "/").status, 200);
  minivalk_.command("eval (define (handle path) (list 222 \"new\"))");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(test::get(port(i), "/").status, 222);
}

TEST_F(MinivalkSystems, CollectTogetherWhileAllOfThemAllocate) {
  load_all({"/alloc?kb=2048", "/fib?n=12", "/", "/client?ops=5"}, 64);
  const Samples truth = minivalk_.truth();
  EXPECT_GE(truth.integer("valk_gc_cycles_total"), 5U);
  EXPECT_EQ(truth.integer("valk_gc_cycles_total"),
            truth.integer("valk_gc_time_to_safepoint_seconds_count"));
  EXPECT_EQ(truth.integer("valk_gc_cycles_total"),
            truth.integer("valk_gc_pause_duration_seconds_count"));
  minivalk_.command("gc");
  EXPECT_LT(minivalk_.truth().number("valk_gc_heap_utilization_ratio"), 0.1);
}

TEST_F(MinivalkSystems, CollectOnCommandWhileOthersAreBusy) {
  std::jthread busy([this] { test::run_load(port(1), 2, {"/fib?n=15"}, 100); });
  for (int i = 1; i <= 30; ++i)
    EXPECT_THAT(minivalk_.command("gc"), testing::StartsWith("{\"collected\":true"));
  busy.join();
  EXPECT_GE(minivalk_.truth().integer("valk_gc_cycles_total"), 30U);
}

TEST_F(MinivalkSystems, CollectionsDoNotWaitForIdleLoops) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) minivalk_.command("gc");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(minivalk_.truth().integer("valk_gc_cycles_total"), 20U);
}

TEST_F(MinivalkSystems, CollectionsWaitForAStalledThread) {
  HttpConnection stalled(port(1));
  ASSERT_TRUE(stalled.send("GET /stall?ms=1500 HTTP/1.1\r\n\r\n"));
  ASSERT_TRUE(test::wait_until(
      test::soon(), [this] { return of("background", "valk_aio_requests_active") == 1; }));
  minivalk_.command("gc");
  EXPECT_EQ(of("background", "valk_aio_requests_active"), 0U);
  EXPECT_EQ(stalled.read_response().status, 200);
  const Samples truth = minivalk_.truth();
  EXPECT_GT(truth.number("valk_gc_time_to_safepoint_seconds_sum"), 0.1);
  EXPECT_LT(truth.number("valk_gc_pause_seconds_total"),
            truth.number("valk_gc_time_to_safepoint_seconds_sum"));
}

TEST_F(MinivalkSystems, DefinitionsAndTimersOfManyThreadsAreSafe) {
  minivalk_.command(
      "eval (define (handle-root path)"
      " (begin (define mine (list 1 2 (text path \"x\"))) (set! shared (cons mine nil))"
      " (after 1 (lambda () (set! shared (list (range 0 20))))) (allocate-kb 300)"
      " (list 200 (text (sum (range 0 50))))))");
  minivalk_.command("eval (define shared nil)");
  minivalk_.command("eval (set! routes (list (list \"/\" handle-root)))");
  load_all({"/"}, 40);
  EXPECT_EQ(minivalk_.truth().sum("http_requests_total", {{"status", "2xx"}}), 120);
}

TEST_F(MinivalkSystems, RecurseDeeplyInEveryThread) {
  minivalk_.command("eval (define (down n) (if (= n 0) 0 (+ 1 (down (- n 1)))))");
  minivalk_.command("eval (define (handle path) (list 200 (text (down 2500))))");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(test::get(port(i), "/").body, "2500");
  minivalk_.command("eval (define (handle path) (list 200 (text (down 100000))))");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(test::get(port(i), "/").status, 500);
}

TEST_F(MinivalkSystems, EndWithEverythingOpen) {
  std::vector<std::unique_ptr<HttpConnection>> waiting;
  for (std::size_t i = 0; i < 3; ++i) {
    waiting.push_back(std::make_unique<HttpConnection>(port(i)));
    ASSERT_TRUE(waiting.back()->send("GET /slow?ms=60000 HTTP/1.1\r\n\r\n"));
  }
  ASSERT_TRUE(test::wait_until(
      test::soon(), [this] { return minivalk_.truth().sum("valk_aio_pending_responses") == 3; }));
  EXPECT_EQ(minivalk_.quit(), (test::ExitStatus{false, 0}));
}

TEST_F(MinivalkSystems, EndInTheMiddleOfLoad) {
  std::jthread busy([this] {
    try {
      test::run_load(port(1), 4, {"/alloc?kb=1024", "/fib?n=12"}, 100000);
    } catch (const std::system_error&) {
    }
  });
  ASSERT_TRUE(test::wait_until(
      test::soon(), [this] { return of("background", "valk_aio_requests_total") > 20; }));
  EXPECT_EQ(minivalk_.quit(), (test::ExitStatus{false, 0}));
}

TEST(MinivalkResponse, IsCountedBeforeTheClientHasIt) {
  Minivalk minivalk({"--servers", "2", "--systems", "main,background"});
  HttpConnection connection(minivalk.servers()[1].port);
  Labels labels = minivalk.servers()[1].labels();
  labels["status"] = "2xx";
  for (std::uint64_t i = 1; i <= 100; ++i) {
    ASSERT_EQ(connection.get("/").status, 200);
    ASSERT_EQ(minivalk.truth().integer("http_requests_total", labels), i);
  }
}

}  // namespace
