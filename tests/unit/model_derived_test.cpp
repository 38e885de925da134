#include "model/derived.h"

#include <gtest/gtest.h>

namespace {

std::optional<double> utilization(model::Count used, model::Count total) {
  model::GcMetrics gc;
  gc.heap_used_bytes = used;
  gc.heap_total_bytes = total;
  return model::heap_utilization(gc);
}

TEST(HeapUtilization, LiesBetweenZeroAndOneWhateverTheRuntimeSays) {
  EXPECT_EQ(utilization(0, 1'000), 0.0);
  EXPECT_EQ(utilization(250, 1'000), 0.25);
  EXPECT_EQ(utilization(1'000, 1'000), 1.0);
  EXPECT_EQ(utilization(1'007, 1'000), 1.0);
  EXPECT_EQ(utilization(1ULL << 63, 1), 1.0);
}

TEST(HeapUtilization, IsUnknownWhereAPartOfItIs) {
  EXPECT_EQ(utilization(std::nullopt, 1'000), std::nullopt);
  EXPECT_EQ(utilization(1, std::nullopt), std::nullopt);
  EXPECT_EQ(utilization(1, 0), std::nullopt);
}

}  // namespace
