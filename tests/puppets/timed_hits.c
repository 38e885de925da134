// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include <valkyria/probes.h>

#include "timed_hits.h"

#include <string.h>
#include <time.h>

// A hit takes about half a microsecond. One that took longer than this was interrupted: its time
// is somebody else's.
#define INTERRUPTED_NS 20000

enum {
  SYSTEM = 7,
  SERVER = 7,
  HEAP = 7,
  CONTEXT = 7,
  CLIENT = 7,
  PORT = 8443,
  CONNECTION_STEPS = 4
};

static const char SYSTEM_NAME[] = "main";
static const char HOST[] = "127.0.0.1";
static const char CLIENT_NAME[] = "redis-cache";
static const char CLIENT_TYPE[] = "Cache";

// Durations that differ from event to event, over several buckets: 50 us to 1 ms.
static unsigned long duration_ns(unsigned long event) {
  return 50000 + event * 7919 % 1000 * 950;
}

static void nothing(unsigned long event) {
  (void)event;
}

static void gc_request(unsigned long event) {
  VALKYRIA_GC_REQUEST(HEAP, event, VALKYRIA_GC_THRESHOLD);
}

static void gc_arrive(unsigned long event) {
  VALKYRIA_GC_ARRIVE(HEAP, event, 1);
}

static void gc_begin(unsigned long event) {
  VALKYRIA_GC_BEGIN(HEAP, event, 2000, 10000, VALKYRIA_GC_THRESHOLD, 1);
}

static void gc_end(unsigned long event) {
  VALKYRIA_GC_END(HEAP, event, 1000, 10000, 1000, 8000);
}

static void gc_request_arrive(unsigned long event) {
  gc_request(event);
  gc_arrive(event);
}

static void gc_request_arrive_begin(unsigned long event) {
  gc_request_arrive(event);
  gc_begin(event);
}

static void gc_arrive_begin_end(unsigned long event) {
  gc_arrive(event);
  gc_begin(event);
  gc_end(event);
}

static void gc_begin_end(unsigned long event) {
  gc_begin(event);
  gc_end(event);
}

static void eval_begin(unsigned long event) {
  (void)event;
  VALKYRIA_EVAL_BEGIN(CONTEXT, VALKYRIA_EVAL_TASK, SYSTEM_NAME);
}

static void eval_end(unsigned long event) {
  VALKYRIA_EVAL_END(CONTEXT, VALKYRIA_EVAL_TASK, event, 0);
}

// The life of one connection after the other, a step each time.
static void connection_state(unsigned long event) {
  static const unsigned char states[CONNECTION_STEPS + 1] = {
      VALKYRIA_STATE_NONE, VALKYRIA_STATE_CONNECTING, VALKYRIA_STATE_IDLE, VALKYRIA_STATE_CLOSING,
      VALKYRIA_STATE_CLOSED};
  const unsigned long step = event % CONNECTION_STEPS;
  VALKYRIA_CONNECTION_STATE(SYSTEM, SYSTEM_NAME, SERVER, HOST, PORT, 0, event / CONNECTION_STEPS,
                            states[step], states[step + 1], step == 0 ? 0 : duration_ns(event));
}

// On a kept-alive connection, so that it tells the idle time before it too.
static void request_end(unsigned long event) {
  VALKYRIA_REQUEST_END(SYSTEM, SYSTEM_NAME, SERVER, HOST, PORT, 0, 200, duration_ns(event),
                       duration_ns(event + 1), 20000, 100, 10);
}

static void overload(unsigned long event) {
  (void)event;
  VALKYRIA_OVERLOAD(SYSTEM, SYSTEM_NAME, SERVER, HOST, PORT, 0, VALKYRIA_OVERLOAD_ARENA);
}

static void client_operation(unsigned long event) {
  VALKYRIA_CLIENT_OPERATION(CLIENT, CLIENT_NAME, CLIENT_TYPE, duration_ns(event), 0, 0);
}

static void client_cache(unsigned long event) {
  VALKYRIA_CLIENT_CACHE(CLIENT, CLIENT_NAME, CLIENT_TYPE, event % 2);
}

static void loop_stall(unsigned long event) {
  VALKYRIA_LOOP_TURN(SYSTEM, SYSTEM_NAME, VALKYRIA_STALL_MIN_NS + duration_ns(event));
}

static void function_entry(unsigned long event) {
  (void)event;
  VALKYRIA_FUNCTION_ENTRY(CONTEXT, SYSTEM_NAME, 1);
}

static void function_return(unsigned long event) {
  (void)event;
  VALKYRIA_FUNCTION_RETURN(CONTEXT, SYSTEM_NAME, 1);
}

struct timed_probe {
  const char* name;
  void (*before)(unsigned long event);
  void (*hit)(unsigned long event);
  void (*after)(unsigned long event);
};

static const struct timed_probe PROBES[] = {
    {"gc__request", nothing, gc_request, gc_arrive_begin_end},
    {"gc__arrive", gc_request, gc_arrive, gc_begin_end},
    {"gc__begin", gc_request_arrive, gc_begin, gc_end},
    {"gc__end", gc_request_arrive_begin, gc_end, nothing},
    {"eval__begin", nothing, eval_begin, eval_end},
    {"eval__end", eval_begin, eval_end, nothing},
    {"connection__state", nothing, connection_state, nothing},
    {"request__end", nothing, request_end, nothing},
    {"overload", nothing, overload, nothing},
    {"client__operation", nothing, client_operation, nothing},
    {"client__cache", nothing, client_cache, nothing},
    {"loop__stall", nothing, loop_stall, nothing},
    {"function__entry", nothing, function_entry, function_return},
    {"function__return", function_entry, function_return, nothing},
};

static long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

static double mean_ns(const struct timed_probe* probe, long count) {
  static unsigned long event;  // goes on from call to call: a cycle has a number of its own
  long sum_ns = 0, timed = 0;
  for (; count > 0; count--) {
    probe->before(++event);
    const long start_ns = now_ns();
    probe->hit(event);
    const long took_ns = now_ns() - start_ns;
    probe->after(event);
    if (took_ns >= INTERRUPTED_NS) continue;
    sum_ns += took_ns;
    timed++;
  }
  return timed == 0 ? 0 : (double)sum_ns / (double)timed;
}

double time_hits(const char* name, long count) {
  static const struct timed_probe clock_alone = {"", nothing, nothing, nothing};
  for (unsigned i = 0; i < sizeof PROBES / sizeof PROBES[0]; i++) {
    if (strcmp(PROBES[i].name, name) == 0)
      return mean_ns(&PROBES[i], count) - mean_ns(&clock_alone, count);
  }
  return 0;
}
