// SPDX-License-Identifier: BSD-2-Clause
#include <gtest/gtest.h>

#include <thread>

#include "support/http_load.h"
#include "support/minivalk.h"

namespace {

using test::Labels;
using test::Minivalk;
using test::Samples;

const Labels kCache{{"client", "redis-cache"}, {"type", "Cache"}};
const Labels kDatabase{{"client", "postgres-primary"}, {"type", "Database"}};

TEST(MinivalkClient, OfACacheFailsRetriesAndMissesByPlan) {
  Minivalk minivalk;
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(test::get(minivalk.port(), "/client?name=redis-cache&ops=32").status, 200);
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("http_client_operations_total", kCache), 64U);
  EXPECT_EQ(truth.integer("http_client_errors_total", kCache), 4U);
  EXPECT_EQ(truth.integer("http_client_retries_total", kCache), 8U);
  EXPECT_EQ(truth.integer("http_client_cache_misses_total", kCache), 16U);
  EXPECT_EQ(truth.integer("http_client_cache_hits_total", kCache), 48U);
  EXPECT_EQ(truth.integer("http_client_pool_size", kCache), 8U);
  EXPECT_EQ(truth.integer("http_client_connections_active", kCache), 8U);
  EXPECT_EQ(truth.integer("http_client_request_duration_seconds_count", kCache), 64U);
  EXPECT_NEAR(truth.number("http_client_latency_seconds_avg", kCache),
              truth.number("http_client_request_duration_seconds_sum", kCache) / 64, 1e-12);
  EXPECT_EQ(truth.integer("valk_aio_clients_count", {{"system", "main"}}), 1U);
}

TEST(MinivalkClient, OfADatabaseHasNoCache) {
  Minivalk minivalk;
  EXPECT_EQ(test::get(minivalk.port(), "/client?name=postgres-primary&ops=10").status, 200);
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("http_client_operations_total", kDatabase), 10U);
  EXPECT_EQ(truth.integer("http_client_errors_total", kDatabase), 1U);
  EXPECT_EQ(truth.integer("http_client_retries_total", kDatabase), 2U);
  EXPECT_EQ(truth.integer("http_client_cache_misses_total", kDatabase), 0U);
  EXPECT_EQ(truth.integer("http_client_cache_hits_total", kDatabase), 0U);
  EXPECT_EQ(truth.integer("http_client_pool_size", kDatabase), 16U);
  EXPECT_EQ(truth.integer("http_client_connections_active", kDatabase), 10U);
}

TEST(MinivalkClient, BadNamesAreRefused) {
  Minivalk minivalk;
  EXPECT_EQ(test::get(minivalk.port(), "/client?name=NOT%20GOOD").status, 400);
  EXPECT_EQ(test::get(minivalk.port(), "/client?name=a&type=no%20type").status, 400);
  EXPECT_EQ(test::get(minivalk.port(), "/client?name=a&ops=10001").status, 400);
  EXPECT_TRUE(minivalk.truth().series("http_client_pool_size").empty());
}

TEST(MinivalkClient, WithoutOperationsHasNoMean) {
  Minivalk minivalk;
  EXPECT_EQ(test::get(minivalk.port(), "/client?name=redis-cache&ops=0").status, 200);
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("http_client_operations_total", kCache), 0U);
  EXPECT_EQ(truth.find("http_client_latency_seconds_avg", kCache), nullptr);
}

TEST(MinivalkClient, SharedBySystemsCountsExactly) {
  Minivalk minivalk({"--servers", "2", "--systems", "main,background"});
  {
    std::vector<std::jthread> threads;
    for (const auto& server : minivalk.servers()) {
      threads.emplace_back(
          [&server] { test::run_load(server.port, 2, {"/client?name=redis-cache&ops=16"}, 100); });
    }
  }
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("http_client_operations_total", kCache), 3200U);
  EXPECT_EQ(truth.integer("http_client_errors_total", kCache), 200U);
  EXPECT_EQ(truth.integer("http_client_cache_misses_total", kCache), 800U);
  EXPECT_EQ(truth.sum("valk_aio_clients_count"), 1);
}

}  // namespace
