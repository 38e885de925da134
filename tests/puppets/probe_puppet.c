// SPDX-License-Identifier: BSD-2-Clause
//
// Fires the probes of the contract on command: a line on stdin, "done" (or an answer) on stdout.
//
//   requests THREADS COUNT   each thread ends COUNT requests on server 1
//   servers FIRST COUNT      one request on each of COUNT servers, ids and ports from FIRST on
//   status CODE IDLE_NS DURATION_NS   one request on server 1
//   names SYSTEM HOST        the names from now on; "-" is an address that can't be read
//   gc COUNT                 COUNT collections, each asked for, begun and ended
//   gc-part WHAT CYCLE       one of: request, begin, end
//   state FROM TO NS         one change of state on server 1
//   overload REASON          one overload response on server 1
//   eval KIND COUNT          COUNT evaluations
//   eval-part WHAT KIND      one of: begin, end
//   eval-request NS          one request on server 1 that evaluated for NS
//   client ID FAILED RETRIED NS NAME TYPE   one operation of a client
//   clients COUNT            one operation of each of COUNT clients
//   cache ID HIT             one cache look-up of client ID
//   turn NS                  one turn of the loop
//   call NAME DEPTH          one call of a function
//   functions COUNT          one call of each of COUNT functions
//   exec                     runs itself anew, with the same pid
//   exec-thread              the same, from another thread than the first
//   fork COUNT               a child ends COUNT requests
//   fork-on                  a child obeys from now on, and its parent waits for its end
//   time PROBE COUNT         prints the mean time of COUNT hits in nanoseconds
//   semaphores               prints the sum of the semaphores of all probes that are used here
#define _GNU_SOURCE
#include <valkyria/probes.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "timed_hits.h"

enum { MAX_THREADS = 256, SYSTEM_ID = 1, SERVER_ID = 1, HEAP_ID = 1, PORT = 8080 };

static char system_name[256] = "main";
static char host_name[256] = "127.0.0.1";
static const char* system_pointer = system_name;
static const char* host_pointer = host_name;

static void end_request(unsigned server, unsigned port, unsigned status, unsigned long idle_ns,
                        unsigned long duration_ns) {
  VALKYRIA_REQUEST_END(SYSTEM_ID, system_pointer, server, host_pointer, port, 0, status,
                       duration_ns, idle_ns, 0, 100, 10);
}

static void* end_requests(void* count) {
  for (long i = *(long*)count; i > 0; i--) end_request(SERVER_ID, PORT, 200, 1000, 60000);
  return NULL;
}

static void requests_in_threads(long threads, long count) {
  pthread_t ids[MAX_THREADS];
  if (threads > MAX_THREADS) abort();
  for (long i = 0; i < threads; i++) {
    if (pthread_create(&ids[i], NULL, end_requests, &count) != 0) abort();
  }
  for (long i = 0; i < threads; i++) pthread_join(ids[i], NULL);
}

static void set_name(char* buffer, const char** pointer, const char* name) {
  snprintf(buffer, sizeof system_name, "%s", name);
  *pointer = strcmp(name, "-") == 0 ? (const char*)8 : buffer;
}

static void gc_part(const char* what, unsigned long cycle) {
  if (strcmp(what, "request") == 0) VALKYRIA_GC_REQUEST(HEAP_ID, cycle, VALKYRIA_GC_EXPLICIT);
  if (strcmp(what, "begin") == 0) {
    VALKYRIA_GC_BEGIN(HEAP_ID, cycle, 2000, 10000, VALKYRIA_GC_EXPLICIT, 1);
  }
  if (strcmp(what, "end") == 0) VALKYRIA_GC_END(HEAP_ID, cycle, 1000, 10000, 1000, 8000);
}

static void collect(long count) {
  static unsigned long cycle;
  for (; count > 0; count--) {
    cycle++;
    gc_part("request", cycle);
    gc_part("begin", cycle);
    gc_part("end", cycle);
  }
}

static void eval_part(const char* what, unsigned long kind) {
  if (strcmp(what, "begin") == 0) VALKYRIA_EVAL_BEGIN(1, kind, system_name);
  if (strcmp(what, "end") == 0) VALKYRIA_EVAL_END(1, kind, 10, 0);
}

static void call_function(const char* name, unsigned long depth) {
  VALKYRIA_FUNCTION_ENTRY(1, name, depth);
  VALKYRIA_FUNCTION_RETURN(1, name, depth);
}

static void operate(unsigned long id, long failed, long retried, long ns, const char* name,
                    const char* type) {
  VALKYRIA_CLIENT_OPERATION(id, name, type, ns, failed, retried);
}

static void obey_clients(const char* line) {
  char name[256], type[256];
  long id, failed, retried, ns;
  if (sscanf(line, "client %ld %ld %ld %ld %255s %255s", &id, &failed, &retried, &ns, name, type) ==
      6) {
    operate((unsigned long)id, failed, retried, ns, name, type);
  }
  if (sscanf(line, "clients %ld", &id) == 1) {
    for (long i = 1; i <= id; i++) {
      snprintf(name, sizeof name, "client-%ld", i);
      operate((unsigned long)i, 0, 0, 1000, name, "Cache");
    }
  }
  if (sscanf(line, "cache %ld %ld", &id, &ns) == 2) VALKYRIA_CLIENT_CACHE(id, "redis", "Cache", ns);
}

static void obey_evaluation(const char* line) {
  char name[256];
  long a, b;
  if (sscanf(line, "eval %ld %ld", &a, &b) == 2) {
    for (; b > 0; b--) {
      eval_part("begin", (unsigned long)a);
      eval_part("end", (unsigned long)a);
    }
  }
  if (sscanf(line, "eval-part %255s %ld", name, &a) == 2) eval_part(name, (unsigned long)a);
  if (sscanf(line, "eval-request %ld", &a) == 1) {
    VALKYRIA_REQUEST_END(SYSTEM_ID, system_pointer, SERVER_ID, host_pointer, PORT, 0, 200, 90000,
                         1000, a, 100, 10);
  }
  if (sscanf(line, "turn %ld", &a) == 1) VALKYRIA_LOOP_TURN(SYSTEM_ID, system_pointer, a);
  if (sscanf(line, "call %255s %ld", name, &a) == 2) call_function(name, (unsigned long)a);
  if (sscanf(line, "functions %ld", &a) == 1) {
    for (long i = 1; i <= a; i++) {
      snprintf(name, sizeof name, "function-%ld", i);
      call_function(name, 1);
    }
  }
}

static void* run_anew(void* unused) {
  (void)unused;
  execl("/proc/self/exe", "probe_puppet", (char*)NULL);
  abort();
}

static void run_anew_in_a_thread(void) {
  pthread_t id;
  if (pthread_create(&id, NULL, run_anew, NULL) != 0) abort();
  pthread_join(id, NULL);
}

static void fork_requests(long count) {
  const pid_t child = fork();
  if (child == 0) {
    end_requests(&count);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

static void go_on_in_a_child(void) {
  const pid_t child = fork();
  if (child == 0) return;
  waitpid(child, NULL, 0);
  _exit(0);
}

static int raised_semaphores(void) {
  return valkyria_gc__request_semaphore + valkyria_gc__arrive_semaphore +
         valkyria_gc__begin_semaphore + valkyria_gc__end_semaphore +
         valkyria_connection__state_semaphore + valkyria_request__end_semaphore +
         valkyria_overload_semaphore + valkyria_eval__begin_semaphore +
         valkyria_eval__end_semaphore + valkyria_client__operation_semaphore +
         valkyria_client__cache_semaphore + valkyria_loop__stall_semaphore +
         valkyria_function__entry_semaphore + valkyria_function__return_semaphore;
}

static void obey(const char* line) {
  char first[256], second[256];
  long a, b, c;
  if (sscanf(line, "requests %ld %ld", &a, &b) == 2) requests_in_threads(a, b);
  if (sscanf(line, "servers %ld %ld", &a, &b) == 2) {
    for (long i = a; i < a + b; i++) end_request((unsigned)i, (unsigned)i, 200, 1000, 60000);
  }
  if (sscanf(line, "status %ld %ld %ld", &a, &b, &c) == 3) {
    end_request(SERVER_ID, PORT, (unsigned)a, (unsigned long)b, (unsigned long)c);
  }
  if (sscanf(line, "names %255s %255s", first, second) == 2) {
    set_name(system_name, &system_pointer, first);
    set_name(host_name, &host_pointer, second);
  }
  if (sscanf(line, "gc %ld", &a) == 1) collect(a);
  if (sscanf(line, "gc-part %255s %ld", first, &a) == 2) gc_part(first, (unsigned long)a);
  if (sscanf(line, "state %ld %ld %ld", &a, &b, &c) == 3) {
    VALKYRIA_CONNECTION_STATE(SYSTEM_ID, system_pointer, SERVER_ID, host_pointer, PORT, 0, 1, a, b,
                              c);
  }
  if (sscanf(line, "overload %ld", &a) == 1) {
    VALKYRIA_OVERLOAD(SYSTEM_ID, system_pointer, SERVER_ID, host_pointer, PORT, 0, a);
  }
  if (sscanf(line, "fork %ld", &a) == 1) fork_requests(a);
  if (strcmp(line, "fork-on\n") == 0) go_on_in_a_child();
  if (strcmp(line, "exec\n") == 0) run_anew(NULL);
  if (strcmp(line, "exec-thread\n") == 0) run_anew_in_a_thread();
  obey_clients(line);
  obey_evaluation(line);
}

int main(void) {
  char line[1024], probe[256];
  long count;
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (strncmp(line, "semaphores", 10) == 0) {
      printf("%d\n", raised_semaphores());
    } else if (sscanf(line, "time %255s %ld", probe, &count) == 2) {
      printf("%.1f\n", time_hits(probe, count));
    } else {
      obey(line);
      puts("done");
    }
    fflush(stdout);
  }
  return 0;
}
