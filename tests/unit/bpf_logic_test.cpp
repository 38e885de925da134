// The pure parts of the BPF programs, compiled for the host.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "gc_heap.bpf.h"
#include "pauses.bpf.h"

namespace {

__u32 slow_bucket_of(__u64 value_ns) {
  return static_cast<__u32>(
      std::lower_bound(std::begin(valk_bounds_ns), std::end(valk_bounds_ns), value_ns) -
      std::begin(valk_bounds_ns));
}

TEST(BucketOf, TakesBoundsAsInclusive) {
  for (__u32 i = 0; i < VALK_BOUNDS; ++i) {
    EXPECT_EQ(valk_bucket_of(valk_bounds_ns[i]), i);
    EXPECT_EQ(valk_bucket_of(valk_bounds_ns[i] - 1), i);
    EXPECT_EQ(valk_bucket_of(valk_bounds_ns[i] + 1), i + 1);
  }
  EXPECT_EQ(valk_bucket_of(0), 0u);
  EXPECT_EQ(valk_bucket_of(~0ULL), __u32{VALK_BOUNDS});
}

TEST(BucketOf, AgreesWithALinearSearchOnAnyValue) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    const __u64 value_ns = random() >> (random() % 64);
    ASSERT_EQ(valk_bucket_of(value_ns), slow_bucket_of(value_ns)) << value_ns;
  }
}

__u64 observations(const __u64 (&buckets)[VALK_BUCKETS]) {
  return std::accumulate(std::begin(buckets), std::end(buckets), __u64{0});
}

TEST(GcPairing, MeasuresThePauseAndTheTimeToTheSafePoint) {
  valk_gc_heap heap{};
  valk_gc_request(&heap, 1, 7, 1'000);
  EXPECT_EQ(valk_gc_begin(&heap, 1, 31'000), 0u);
  EXPECT_EQ(valk_gc_end(&heap, 1, 2'031'000), 0u);
  EXPECT_EQ(heap.cycles, 1u);
  EXPECT_EQ(heap.safepoint_sum_ns, 30'000u);
  EXPECT_EQ(heap.pause_sum_ns, 2'000'000u);
  EXPECT_EQ(heap.pause_max_ns, 2'000'000u);
  EXPECT_EQ(heap.safepoint[valk_bucket_of(30'000)], 1u);
  EXPECT_EQ(heap.pause[valk_bucket_of(2'000'000)], 1u);
}

TEST(GcPairing, TheFirstRequestOfACycleCounts) {
  valk_gc_heap heap{};
  valk_gc_request(&heap, 1, 7, 1'000);
  valk_gc_request(&heap, 1, 7, 9'000);
  valk_gc_begin(&heap, 1, 11'000);
  EXPECT_EQ(heap.safepoint_sum_ns, 10'000u);
}

constexpr __u32 kInTheMiddle = VALK_LOSS_BIT(VALK_LOSS_ATTACHED_IN_THE_MIDDLE);

TEST(GcPairing, AnEndWithoutItsBeginIsCountedButNotTimed) {
  valk_gc_heap heap{};
  heap.ended_ns = 1;
  EXPECT_EQ(valk_gc_end(&heap, 5, 1'000), VALK_LOSS_BIT(VALK_LOSS_GC_BEGIN_UNSEEN));
  EXPECT_EQ(heap.cycles, 1u);
  EXPECT_EQ(heap.ended_ns, 1'000u);
  EXPECT_EQ(observations(heap.pause), 0u);
}

TEST(GcPairing, WhatWasUnderWayAtAttachIsNoLoss) {
  valk_gc_heap at_its_end{};
  EXPECT_EQ(valk_gc_end(&at_its_end, 5, 1'000), kInTheMiddle);
  EXPECT_EQ(valk_gc_end(&at_its_end, 6, 2'000), VALK_LOSS_BIT(VALK_LOSS_GC_BEGIN_UNSEEN));

  valk_gc_heap at_its_begin{};
  EXPECT_EQ(valk_gc_begin(&at_its_begin, 5, 1'000), kInTheMiddle);
  EXPECT_EQ(valk_gc_end(&at_its_begin, 5, 2'000), 0u);
  EXPECT_EQ(valk_gc_begin(&at_its_begin, 6, 3'000), VALK_LOSS_BIT(VALK_LOSS_GC_REQUEST_UNSEEN));
}

TEST(GcPairing, AnEndOfAnotherCycleIsNotPaired) {
  valk_gc_heap heap{};
  valk_gc_request(&heap, 1, 7, 1);
  valk_gc_begin(&heap, 1, 10);
  EXPECT_EQ(valk_gc_end(&heap, 1, 20), 0u);
  valk_gc_begin(&heap, 2, 30);
  EXPECT_EQ(valk_gc_end(&heap, 3, 1'000), VALK_LOSS_BIT(VALK_LOSS_GC_BEGIN_UNSEEN));
  EXPECT_EQ(observations(heap.pause), 1u);
}

TEST(GcPairing, ABeginThatNobodyAskedForHasNoTimeToTheSafePoint) {
  valk_gc_heap heap{};
  heap.ended_ns = 1;
  EXPECT_EQ(valk_gc_begin(&heap, 1, 10), VALK_LOSS_BIT(VALK_LOSS_GC_REQUEST_UNSEEN));
  EXPECT_EQ(observations(heap.safepoint), 0u);
  EXPECT_EQ(valk_gc_end(&heap, 1, 20), 0u);
}

TEST(GcPairing, AnEndThatNeverCameIsALoss) {
  valk_gc_heap heap{};
  valk_gc_request(&heap, 1, 7, 1);
  valk_gc_begin(&heap, 1, 10);
  valk_gc_request(&heap, 2, 7, 50);
  EXPECT_EQ(valk_gc_begin(&heap, 2, 100), VALK_LOSS_BIT(VALK_LOSS_GC_END_UNSEEN));
  EXPECT_EQ(valk_gc_end(&heap, 2, 150), 0u);
  EXPECT_EQ(heap.pause_sum_ns, 50u);
  valk_gc_begin(&heap, 3, 200);
  EXPECT_EQ(valk_gc_begin(&heap, 4, 300),
            VALK_LOSS_BIT(VALK_LOSS_GC_END_UNSEEN) | VALK_LOSS_BIT(VALK_LOSS_GC_REQUEST_UNSEEN));
}

__u32 count_granted(valk_gc_heap& heap, const valk_gc_call& call, __u64 reclaimed_bytes,
                    __u64 now_ns) {
  return valk_gc_count_granted(&heap, &call, reclaimed_bytes, now_ns);
}

TEST(GcCalls, CountEveryCollectionAndTimeThoseWhoseBeginWasSeen) {
  valk_gc_heap heap{};
  EXPECT_EQ(valk_gc_count_call(&heap, 100, 7, 150), 0u);
  EXPECT_EQ(valk_gc_count_call(&heap, 0, 0, 900), VALK_LOSS_BIT(VALK_LOSS_GC_BEGIN_UNSEEN));
  EXPECT_EQ(heap.cycles, 2u);
  EXPECT_EQ(heap.reclaimed_bytes, 7u);
  EXPECT_EQ(observations(heap.pause), 1u);
  EXPECT_EQ(heap.pause_sum_ns, 50u);
  EXPECT_EQ(heap.pause_max_ns, 50u);
}

TEST(GcCalls, ThatAreGrantedAreKnownByWhatTheyReclaim) {
  valk_gc_heap heap{};
  EXPECT_EQ(count_granted(heap, {10, 40, 0}, 0, 90), 0u) << "refused";
  EXPECT_EQ(heap.cycles, 0u);
  EXPECT_EQ(count_granted(heap, {10, 40, 0}, 5, 90), 0u);
  EXPECT_EQ(heap.cycles, 1u);
  EXPECT_EQ(heap.safepoint_sum_ns, 30u);
  EXPECT_EQ(heap.pause_sum_ns, 50u);
}

TEST(GcCalls, ThatWereGrantedUnseenAreCountedAndALoss) {
  valk_gc_heap heap{};
  const __u32 loss = VALK_LOSS_BIT(VALK_LOSS_GC_BEGIN_UNSEEN);
  EXPECT_EQ(count_granted(heap, {}, 5, 90), loss);
  EXPECT_EQ(count_granted(heap, {10, 0, 0}, 5, 90), loss);
  EXPECT_EQ(heap.cycles, 2u);
  EXPECT_EQ(heap.reclaimed_bytes, 10u);
  EXPECT_EQ(observations(heap.pause), 0u);
  EXPECT_EQ(observations(heap.safepoint), 0u);
}

// Whatever order of events, each observation has its begin and end, and the maximum is one of them.
TEST(GcPairing, HoldsItsSumsInAnyOrderOfEvents) {
  std::mt19937 random(3);
  valk_gc_heap heap{};
  __u64 now_ns = 1;
  __u64 ends = 0;
  for (int i = 0; i < 100'000; ++i) {
    now_ns += random() % 1'000'000;
    const __u64 cycle = random() % 4;
    switch (random() % 3) {
      case 0:
        valk_gc_request(&heap, cycle, 7, now_ns);
        break;
      case 1:
        valk_gc_begin(&heap, cycle, now_ns);
        break;
      default:
        valk_gc_end(&heap, cycle, now_ns);
        ++ends;
    }
    ASSERT_LE(heap.pause_max_ns, heap.pause_sum_ns);
  }
  EXPECT_EQ(heap.cycles, ends);
  EXPECT_LE(observations(heap.pause), ends);
}

valk_pause pause_of(__u64 begun_ns, __u64 ended_ns, __u64 cycle) {
  return {.begun_ns = begun_ns, .ended_ns = ended_ns, .heap = 7, .cycle = cycle, .requests = 0};
}

void note(valk_pauses* pauses, __u64 begun_ns, __u64 ended_ns, __u64 cycle) {
  const valk_pause pause = pause_of(begun_ns, ended_ns, cycle);
  valk_note_pause(pauses, &pause);
}

TEST(TimeInPauses, IsTheOverlapWithEachOfThem) {
  valk_pauses pauses{};
  __u32 last = 99;
  EXPECT_EQ(valk_time_in_pauses(&pauses, 0, 100, &last), 0u);
  EXPECT_EQ(last, 99u);
  note(&pauses, 100, 200, 1);
  note(&pauses, 300, 500, 2);
  EXPECT_EQ(valk_time_in_pauses(&pauses, 150, 400, &last), 150u);
  EXPECT_EQ(pauses.recent[last].cycle, 2u);
  EXPECT_EQ(valk_time_in_pauses(&pauses, 120, 180, &last), 60u) << "within one";
  EXPECT_EQ(pauses.recent[last].cycle, 1u);
  EXPECT_EQ(valk_time_in_pauses(&pauses, 200, 300, &last), 0u) << "between two";
  EXPECT_EQ(valk_time_in_pauses(&pauses, 500, 600, &last), 0u) << "after all";
  EXPECT_EQ(pauses.recent[0].requests, 2u);
  EXPECT_EQ(pauses.recent[1].requests, 1u);
}

TEST(TimeInPauses, NeverPassesTheRequestItselfAndForgetsTheOldest) {
  std::mt19937 random(5);
  valk_pauses pauses{};
  __u64 now_ns = 1;
  for (__u64 cycle = 1; cycle < 10'000; ++cycle) {
    const __u64 begun_ns = now_ns + random() % 100;
    now_ns = begun_ns + random() % 100;
    note(&pauses, begun_ns, now_ns, cycle);
    const __u64 duration_ns = random() % std::min<__u64>(now_ns, 2'000);
    __u32 last = 0;
    ASSERT_LE(valk_time_in_pauses(&pauses, now_ns - duration_ns, now_ns, &last), duration_ns);
    ASSERT_LT(last, VALK_RECENT_PAUSES);
  }
}

TEST(NotePaused, LeavesOutWhatComesWhileAnotherIsWritten) {
  const valk_pause pause = pause_of(1, 2, 3);
  valk_paused_request note{};
  valk_note_paused(&note, &pause, 10, 20);
  EXPECT_EQ(note.begun, note.written);
  EXPECT_EQ(note.cycle, 3u);
  EXPECT_EQ(note.duration_ns, 10u);
  note.begun += 1;  // somebody writes
  valk_note_paused(&note, &pause, 11, 21);
  EXPECT_EQ(note.duration_ns, 10u);
  EXPECT_NE(note.begun, note.written);
  note.written += 1;  // and is done
  EXPECT_EQ(note.begun, note.written);
  valk_note_paused(&note, &pause, 12, 22);
  EXPECT_EQ(note.duration_ns, 12u);
}

}  // namespace
