// SPDX-License-Identifier: BSD-2-Clause
//
// Has functions with the names and arguments of two public runtimes without probes, and the
// counters of the older one that go with them. A line on stdin, "done" on stdout:
//
//   collect BYTES                    a collection that reclaims so many, of the older runtime
//   exec                             runs this file anew, which says "ready"
//   crash                            dies of a fault in a collection
//   collect-in-threads N             so many collections, each in a thread of its own
//   count-requests N                 counts requests without calling the function
//   count-cycles N                   counts collections without calling the function
//   connect OK                       a connection is accepted (1), or accepting fails (0)
//   close                            one is gone
//   request US FAILED SENT RECEIVED  a request ends
//   operate US FAILED RETRIED        a client's operation ends
//   look-up HIT                      in its cache
//   win BYTES                        a collection of the newer runtime
//   lose                             asks for one, and takes part in somebody else's
//   take-part                        the same, unasked
//   accept                           a connection of the newer runtime
//   disconnect                       one is gone
//   seccomp                          from here on, a filter that allows everything is on
//   seccomp-thread                   the same in another thread alone
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

// Called from elsewhere for all the compiler knows, and never copied.
#define FUNCTION __attribute__((noinline, noclone, used, externally_visible))

struct heap {
  size_t hard_limit;
  size_t allocated_bytes;
  struct {
    uint64_t cycles_total;
    uint64_t pause_us_total;
    uint64_t pause_us_max;
    uint64_t reclaimed_bytes_total;
  } runtime_metrics;
};

struct metrics {
  uint64_t connections_total;
  uint64_t requests_total;
};

struct client {
  char name[64];
  char type[32];
  uint64_t operations_total;
  uint64_t cache_total;
};

// libuv's: what stands behind the untyped pointer is in no debug information.
typedef struct {
  char before[40];
  void* internal_fields;
} uv_loop_t;
uint64_t uv_metrics_idle_time(uv_loop_t* loop);

struct system {
  char name[64];
  struct metrics metrics;
  uv_loop_t* eventloop;
};

// Before each collection.
#define USED_BYTES 5000
static struct heap heap = {.hard_limit = 1 << 20, .allocated_bytes = USED_BYTES};
// 11 turns, 22 events, no wait, 3 s idle.
static uint64_t loop_counters[20] = {0, 11, 22, [18] = 3000000000};
static uv_loop_t loop = {.internal_fields = loop_counters};
static struct system aio = {.name = "main", .eventloop = &loop};
static struct client client = {.name = "users", .type = "Database"};

// By these names the runtime is known, and its memory is read.
struct heap* g_heap_for_signal = &heap;
struct system* valk_aio_active_system = &aio;
struct {
  size_t counter_count;
} g_valk_metrics;

static volatile int participants;
static volatile bool crashes;

static void nap(void) {
  const struct timespec a_while = {0, 200 * 1000};
  nanosleep(&a_while, NULL);
}

FUNCTION size_t valk_gc_malloc_collect(struct heap* collected, void* root) {
  (void)root;
  nap();
  if (crashes) raise(SIGSEGV);
  collected->runtime_metrics.cycles_total += 1;
  collected->allocated_bytes = USED_BYTES - collected->runtime_metrics.reclaimed_bytes_total;
  return collected->runtime_metrics.reclaimed_bytes_total;
}

FUNCTION void valk_aio_metrics_on_connection(struct metrics* metrics, bool success) {
  (void)success;
  metrics->connections_total += 1;
}

FUNCTION void valk_aio_metrics_on_close(struct metrics* metrics) {
  __asm__ volatile("" ::"r"(metrics));
}

FUNCTION void valk_aio_metrics_on_stream_end(struct metrics* metrics, bool error,
                                             uint64_t duration_us, uint64_t sent,
                                             uint64_t received) {
  __asm__ volatile("" ::"r"(error), "r"(duration_us), "r"(sent), "r"(received));
  metrics->requests_total += 1;
}

FUNCTION void valk_http_client_on_operation(struct client* c, uint64_t duration_us, bool error,
                                            bool retry) {
  __asm__ volatile("" ::"r"(duration_us), "r"(error), "r"(retry));
  c->operations_total += 1;
}

FUNCTION void valk_http_client_on_cache(struct client* c, bool hit) {
  __asm__ volatile("" ::"r"(hit));
  c->cache_total += 1;
}

FUNCTION void valk_gc_heap_parallel_mark(struct heap* marked) {
  __asm__ volatile("" ::"r"(marked));
  nap();
  participants += 1;
}

// 0: somebody else collects, and we take part.
FUNCTION size_t valk_gc_heap_collect(struct heap* collected) {
  nap();
  valk_gc_heap_parallel_mark(collected);
  return collected->runtime_metrics.reclaimed_bytes_total;
}

FUNCTION int valk_aio_ssl_accept(void* ssl, void* context) {
  __asm__ volatile("" ::"r"(ssl), "r"(context));
  return 0;
}

FUNCTION void valk_http2_conn_on_disconnect(void* handle) {
  __asm__ volatile("" ::"r"(handle));
}

static void install_filter(void) {
  struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {1, &allow};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void* collect_once(void* collected) {
  valk_gc_malloc_collect(collected, NULL);
  return NULL;
}

static void collect_in_threads(uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, collect_once, &heap) != 0) return;
    pthread_join(thread, NULL);
  }
}

static void* live_under_filter(void* started) {
  install_filter();
  pthread_barrier_wait(started);
  for (;;) pause();
  return NULL;
}

static void start_filtered_thread(void) {
  static pthread_barrier_t started;
  pthread_t thread;
  pthread_barrier_init(&started, NULL, 2);
  if (pthread_create(&thread, NULL, live_under_filter, &started) != 0) return;
  pthread_barrier_wait(&started);
}

// By its path, so that it keeps its name.
static void run_anew(void) {
  char path[4096] = "";
  if (readlink("/proc/self/exe", path, sizeof path - 1) > 0) execl(path, path, (char*)NULL);
}

static void obey(const char* command, const uint64_t* n) {
#define IS(word) (strcmp(command, word) == 0)
  heap.runtime_metrics.reclaimed_bytes_total = n[0];
  if (IS("collect")) valk_gc_malloc_collect(&heap, NULL);
  if (IS("exec")) run_anew();
  crashes = IS("crash");
  if (IS("crash")) valk_gc_malloc_collect(&heap, NULL);
  if (IS("collect-in-threads")) collect_in_threads(n[0]);
  if (IS("count-requests")) aio.metrics.requests_total += n[0];
  if (IS("count-cycles")) heap.runtime_metrics.cycles_total += n[0];
  if (IS("connect")) valk_aio_metrics_on_connection(&aio.metrics, n[0] != 0);
  if (IS("close")) valk_aio_metrics_on_close(&aio.metrics);
  if (IS("request")) valk_aio_metrics_on_stream_end(&aio.metrics, n[1] != 0, n[0], n[2], n[3]);
  if (IS("operate")) valk_http_client_on_operation(&client, n[0], n[1] != 0, n[2] != 0);
  if (IS("look-up")) valk_http_client_on_cache(&client, n[0] != 0);
  if (IS("win") || IS("lose")) valk_gc_heap_collect(&heap);
  if (IS("take-part")) valk_gc_heap_parallel_mark(&heap);
  if (IS("accept")) valk_aio_ssl_accept(NULL, NULL);
  if (IS("disconnect")) valk_http2_conn_on_disconnect(NULL);
  if (IS("seccomp")) install_filter();
  if (IS("seccomp-thread")) start_filtered_thread();
}

int main(void) {
  char line[256];
  char command[32];
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (uv_metrics_idle_time(&loop) != loop_counters[18]) return 1;
  puts("ready");
  while (fgets(line, sizeof line, stdin) != NULL) {
    long long n[4] = {0};
    if (sscanf(line, "%31s %lld %lld %lld %lld", command, &n[0], &n[1], &n[2], &n[3]) < 1) continue;
    obey(command, (const uint64_t*)n);
    puts("done");
  }
  return 0;
}
