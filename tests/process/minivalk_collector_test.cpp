// SPDX-License-Identifier: BSD-2-Clause
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>

#include "support/http_load.h"
#include "support/minivalk.h"

namespace {

using test::Minivalk;
using test::Samples;

std::uint64_t cycles(Minivalk& minivalk) {
  return minivalk.truth().integer("valk_gc_cycles_total");
}

TEST(MinivalkCollector, CommandCollectsOnceAndCounts) {
  Minivalk minivalk;
  EXPECT_EQ(minivalk.command("gc"), R"({"collected":true,"cycle":1})");
  EXPECT_EQ(minivalk.command("gc"), R"({"collected":true,"cycle":2})");
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("valk_gc_cycles_total"), 2U);
  EXPECT_EQ(truth.integer("valk_gc_pause_duration_seconds_count"), 2U);
  EXPECT_EQ(truth.integer("valk_gc_time_to_safepoint_seconds_count"), 2U);
  EXPECT_EQ(truth.find("valk_gc_pause_duration_seconds_sum")->text,
            truth.find("valk_gc_pause_seconds_total")->text);
}

TEST(MinivalkCollector, PauseIsLongEnoughToMeasure) {
  Minivalk minivalk;
  for (int i = 0; i < 10; ++i) minivalk.command("gc");
  Samples truth = minivalk.truth();
  EXPECT_EQ(truth.integer("valk_gc_pause_duration_seconds_bucket", {{"le", "0.00025"}}), 0U);
  EXPECT_LE(truth.number("valk_gc_pause_seconds_max"), truth.number("valk_gc_pause_seconds_total"));
}

TEST(MinivalkCollector, GarbageIsReclaimed) {
  Minivalk minivalk;
  minivalk.command("gc");
  Samples before = minivalk.truth();
  EXPECT_EQ(minivalk.command("eval (allocate-kb 1024)"), "1024");
  EXPECT_GE(minivalk.truth().integer("valk_gc_heap_used_bytes"),
            before.integer("valk_gc_heap_used_bytes") + 1024 * 1024);
  minivalk.command("gc");
  Samples after = minivalk.truth();
  EXPECT_EQ(after.integer("valk_gc_heap_used_bytes"), before.integer("valk_gc_heap_used_bytes"));
  EXPECT_GE(after.integer("valk_gc_reclaimed_bytes_total") -
                before.integer("valk_gc_reclaimed_bytes_total"),
            1024U * 1024U);
  EXPECT_GE(after.integer("valk_gc_heap_peak_bytes"), 1024U * 1024U);
}

double unix_seconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

TEST(MinivalkCollector, TellsWhatItsLastCollectionLeftAndWhenItEnded) {
  Minivalk minivalk;
  EXPECT_TRUE(minivalk.truth().series("valk_gc_heap_live_bytes").empty());
  EXPECT_TRUE(minivalk.truth().series("valk_gc_last_collection_timestamp_seconds").empty());
  const double before = unix_seconds();
  minivalk.command("gc");
  const Samples truth = minivalk.truth();
  const double after = unix_seconds();
  EXPECT_EQ(truth.integer("valk_gc_heap_live_bytes"), truth.integer("valk_gc_heap_used_bytes"));
  // Seconds since 1970 have less digits in a double than in nanoseconds.
  EXPECT_GE(truth.number("valk_gc_last_collection_timestamp_seconds"), before - 1e-3);
  EXPECT_LE(truth.number("valk_gc_last_collection_timestamp_seconds"), after + 1e-3);
  minivalk.command("eval (allocate-kb 1024)");
  EXPECT_EQ(minivalk.truth().integer("valk_gc_heap_live_bytes"),
            truth.integer("valk_gc_heap_live_bytes"));
}

TEST(MinivalkCollector, ThresholdStartsCollections) {
  Minivalk minivalk;
  EXPECT_EQ(test::get(minivalk.port(), "/alloc?kb=32768").status, 200);
  Samples truth = minivalk.truth();
  EXPECT_GE(truth.integer("valk_gc_cycles_total"), 2U);
  EXPECT_LE(truth.integer("valk_gc_heap_peak_bytes"), truth.integer("valk_gc_heap_total_bytes"));
  EXPECT_EQ(truth.integer("valk_gc_heap_total_bytes"), 16U << 20);
}

TEST(MinivalkCollector, CollectionsInTheMiddleOfAnEvaluationKeepValues) {
  Minivalk minivalk;
  EXPECT_EQ(minivalk.command("eval (let ((kept (range 0 500)) (words (text \"keep \" 1 \" this\")))"
                             " (gc) (allocate-kb 16000) (gc) (list (sum kept) words))"),
            "(124750 \"keep 1 this\")");
  EXPECT_EQ(minivalk.command("eval (sum (list 1 (begin (gc) 2) (begin (gc) (+ 1 2)) 4))"), "10");
  minivalk.command(
      "eval (define (tree n)"
      " (if (= n 0) nil (begin (gc) (cons (tree (- n 1)) (list n (text n))))))");
  EXPECT_EQ(minivalk.command("eval (tree 3)"), R"((((() 1 "1") 2 "2") 3 "3"))");
  EXPECT_EQ(minivalk.command("eval (sum (map (lambda (i) (gc) (* i i)) (range 0 60)))"), "70210");
  EXPECT_GE(cycles(minivalk), 67U);
}

TEST(MinivalkCollector, FunctionOfATimerOutlivesCollections) {
  Minivalk minivalk;
  minivalk.command("eval (define result 0)");
  minivalk.command("eval (let ((base 40)) (after 30 (lambda () (set! result (+ base 2)))))");
  for (int i = 0; i < 5; ++i) minivalk.command("gc");
  EXPECT_TRUE(
      test::wait_until(test::soon(), [&] { return minivalk.command("eval result") == "42"; }));
}

TEST(MinivalkCollector, FullHeapIsAnErrorAndCanBeEmptiedAgain) {
  Minivalk minivalk;
  minivalk.command("eval (define kept nil)");
  EXPECT_EQ(minivalk.command("eval (while #t (set! kept (cons 1 kept)))"), "error: heap exhausted");
  Samples full = minivalk.truth();
  EXPECT_GT(full.number("valk_gc_heap_utilization_ratio"), 0.95);
  EXPECT_LE(full.integer("valk_gc_heap_peak_bytes"), 16U << 20);
  EXPECT_EQ(minivalk.command("eval (set! kept nil)"), "()");
  minivalk.command("gc");
  EXPECT_LT(minivalk.truth().number("valk_gc_heap_utilization_ratio"), 0.05);
  EXPECT_EQ(minivalk.command("eval (fib 15)"), "610");
}

TEST(MinivalkCollector, RequestsGoOnWhileCollectionsHappen) {
  Minivalk minivalk;
  auto load = test::run_load(minivalk.port(), 4, {"/alloc?kb=4096", "/fib?n=15", "/"}, 60);
  EXPECT_EQ(load.by_status[200], 60U);
  EXPECT_GE(cycles(minivalk), 5U);
}

TEST(MinivalkCollector, WrongArithmeticAborts) {
  Minivalk minivalk({}, test::built_programs_dir(), test::Stderr::kCaptured);
  minivalk.process().write_line("eval (check-fib 10 54)");
  EXPECT_EQ(minivalk.process().wait(test::soon()), (test::ExitStatus{true, SIGABRT}));
  EXPECT_THAT(minivalk.process().stderr_text(), testing::HasSubstr("fib(10) came to 54"));
}

}  // namespace
