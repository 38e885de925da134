// What the BPF programs compute, compiled for the host, over any order of events and any numbers.
#include <fuzzer/FuzzedDataProvider.h>
#include <valkyria/abi/dispatch.h>

#include <algorithm>
#include <numeric>

#include "fuzz/require.h"
#include "gc_heap.bpf.h"

namespace {

using fuzz::require;

__u64 observations(const __u64 (&buckets)[VALK_BUCKETS]) {
  return std::accumulate(std::begin(buckets), std::end(buckets), __u64{0});
}

void check_bucket(__u64 value_ns) {
  const auto* const expected =
      std::lower_bound(std::begin(valk_bounds_ns), std::end(valk_bounds_ns), value_ns);
  require(valk_bucket_of(value_ns) == expected - std::begin(valk_bounds_ns),
          "a bucket is the first whose bound is not below the value");
}

void check_microseconds(__u64 duration_us) {
  const __u64 ns = valk_ns_of_us(duration_us);
  require(ns == 0 || ns == 1 || ns / 1000 == duration_us, "microseconds become nanoseconds");
  require(ns != 0 || duration_us > 1'000'000, "what is short is known");
}

void check_cookie(__u32 handler, __u32 probe, __u32 slot) {
  const __u64 cookie = valk_cookie(handler, probe, slot);
  require(valk_cookie_handler(cookie) == handler, "a cookie tells its handler");
  require(valk_cookie_probe(cookie) == probe, "a cookie tells its probe");
  require(valk_cookie_slot(cookie) == slot, "a cookie tells its slot");
}

// What happened to a heap, as somebody counts it who never forgets.
struct Seen {
  __u64 begins = 0;
  __u64 ends = 0;
};

__u32 fire(valk_gc_heap& heap, Seen& seen, FuzzedDataProvider& input, __u64 now_ns) {
  const auto cycle = input.ConsumeIntegralInRange<__u64>(0, 3);
  const auto reclaimed_bytes = input.ConsumeIntegralInRange<__u64>(0, 2);
  switch (input.ConsumeIntegralInRange<int>(0, 4)) {
    case 0:
      valk_gc_request(&heap, cycle, 7, now_ns);
      return 0;
    case 1:
      ++seen.begins;
      return valk_gc_begin(&heap, cycle, now_ns);
    case 2:
      ++seen.ends;
      return valk_gc_end(&heap, cycle, now_ns);
    case 3: {
      ++seen.ends;
      const __u64 begun_ns = input.ConsumeIntegralInRange<__u64>(0, now_ns);
      return valk_gc_count_call(&heap, begun_ns, reclaimed_bytes, now_ns);
    }
    default: {
      if (reclaimed_bytes != 0) ++seen.ends;
      const valk_gc_call call{input.ConsumeIntegralInRange<__u64>(0, now_ns),
                              input.ConsumeIntegralInRange<__u64>(0, now_ns), 0};
      return valk_gc_count_granted(&heap, &call, reclaimed_bytes, now_ns);
    }
  }
}

void check_heap(FuzzedDataProvider& input) {
  valk_gc_heap heap{};
  Seen seen;
  __u64 now_ns = 1;
  while (input.remaining_bytes() > 0) {
    now_ns += input.ConsumeIntegralInRange<__u64>(0, 1ULL << 40);
    const __u32 losses = fire(heap, seen, input, now_ns);
    require(losses < VALK_LOSS_BIT(VALK_LOSSES), "losses are known ones");
    require(heap.cycles == seen.ends, "every end is a collection");
    require(heap.pause_max_ns <= heap.pause_sum_ns, "the longest pause is one of them");
    require(heap.pause_max_ns < now_ns && heap.begun_ns <= now_ns, "no pause is before its begin");
  }
  require(observations(heap.pause) <= seen.ends, "a pause has its end");
  require(observations(heap.safepoint) <= seen.begins + seen.ends, "a way has its begin");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  check_bucket(input.ConsumeIntegral<__u64>());
  check_microseconds(input.ConsumeIntegral<__u64>());
  check_cookie(input.ConsumeIntegralInRange<__u32>(0, 0xff),
               input.ConsumeIntegralInRange<__u32>(0, 0xff), input.ConsumeIntegral<__u32>());
  check_heap(input);
  return 0;
}
