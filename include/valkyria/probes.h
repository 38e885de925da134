// SPDX-License-Identifier: BSD-2-Clause
//
// The probe contract between the Valkyria runtime and valkyria_exporter.
//
// The runtime includes this one header (C11 to C23, C++11 to C++20) and writes one macro line at
// each place below. On x86-64 Linux with <sys/sdt.h> (Debian: systemtap-sdt-dev) each line becomes
// a USDT probe of the provider "valkyria"; elsewhere, and with VALKYRIA_NO_PROBES defined, it
// becomes nothing. The binary does not depend on anything at run time.
//
// Cost: with nobody attached, one load of a 16-bit semaphore and one branch never taken; the
// arguments are not even computed. Attached, 1.5 to 2 us of CPU a hit.
//
// How it is made, and why:
//  - Every probe has a semaphore, weak and hidden, so that all sites in a binary share one.
//  - Every argument is a 64-bit value in a fixed register (rdi rsi rdx rcx r8 r9 rax r10 r11 rbx
//    r12 r13, in this order), so that a BPF program reads struct pt_regs directly: twelve values
//    cost nothing more than one. The notes stay standard; other tools can read them.
//  - The site is a plain 1-byte nop. Never change it to a 5-byte nop: Linux 6.18 rewrites such a
//    site into a call whose return address overwrites the caller's red zone.
//
// Include it before <sys/sdt.h>.
//
// Words used below:
//  - "id" is an address or, better, a counter that is never reused.
//  - Strings are NUL-terminated and must stay readable while the probe fires. They are read when
//    an id is seen for the first time, and once again only if that failed.
//  - Durations are in nanoseconds of CLOCK_MONOTONIC. 0 means "unknown" (or what the argument's
//    line says); unknown durations are counted, not guessed. Pass at least 1 for a known one.
//  - Bytes are application bytes, as the runtime counts them.
#ifndef VALKYRIA_PROBES_H
#define VALKYRIA_PROBES_H

#include <stdint.h>

// Connection states, for VALKYRIA_CONNECTION_STATE.
enum valkyria_connection_state {
  VALKYRIA_STATE_NONE = 0,
  VALKYRIA_STATE_CONNECTING = 1,
  VALKYRIA_STATE_ACTIVE = 2,
  VALKYRIA_STATE_IDLE = 3,
  VALKYRIA_STATE_CLOSING = 4,
  VALKYRIA_STATE_CLOSED = 5
};

// What an outermost evaluation is for, for VALKYRIA_EVAL_BEGIN and _END. Request handlers have no
// eval probes of their own: VALKYRIA_REQUEST_END carries their time.
enum valkyria_eval_kind {
  VALKYRIA_EVAL_SCRIPT = 1,
  VALKYRIA_EVAL_REPL = 2,
  VALKYRIA_EVAL_REQUEST = 3,
  VALKYRIA_EVAL_TIMER = 4,
  VALKYRIA_EVAL_TASK = 5
};

// Why a collection was asked for.
enum valkyria_gc_reason {
  VALKYRIA_GC_UNKNOWN = 0,
  VALKYRIA_GC_THRESHOLD = 1,
  VALKYRIA_GC_EXPLICIT = 2,
  VALKYRIA_GC_EMERGENCY = 3
};

// What ran out when a request was answered with an overload response.
enum valkyria_overload_reason {
  VALKYRIA_OVERLOAD_UNKNOWN = 0,
  VALKYRIA_OVERLOAD_ARENA = 1,
  VALKYRIA_OVERLOAD_TCP_BUFFER = 2,
  VALKYRIA_OVERLOAD_CONNECTIONS = 3
};

// A turn of an event loop is a stall from this many nanoseconds on.
#define VALKYRIA_STALL_MIN_NS 1000000ULL

#if defined(__has_include) && !defined(VALKYRIA_NO_PROBES)
#if defined(__x86_64__) && defined(__LP64__) && defined(__linux__) && __has_include(<sys/sdt.h>)
#define VALKYRIA_HAVE_PROBES 1
#endif
#endif

#ifdef VALKYRIA_HAVE_PROBES

#if defined(_SYS_SDT_H) && !defined(_SDT_HAS_SEMAPHORES)
#error "include <valkyria/probes.h> before <sys/sdt.h>: its probes need semaphores"
#endif
#ifndef _SDT_HAS_SEMAPHORES
#define _SDT_HAS_SEMAPHORES 1
#endif
#undef STAP_SDT_ARG_CONSTRAINT
#define STAP_SDT_ARG_CONSTRAINT nr
#include <sys/sdt.h>
#undef STAP_SDT_ARG_CONSTRAINT
#define STAP_SDT_ARG_CONSTRAINT nr

#ifdef __cplusplus
#define VALKYRIA_EXTERN_C extern "C"
#else
#define VALKYRIA_EXTERN_C extern
#endif

// The kernel raises the semaphore while somebody is attached (ref_ctr_offset of the uprobe).
#define VALKYRIA_SEMAPHORE_(name)                                        \
  VALKYRIA_EXTERN_C volatile unsigned short valkyria_##name##_semaphore; \
  __attribute__((weak, visibility("hidden"),                             \
                 section(".probes"))) volatile unsigned short valkyria_##name##_semaphore

// 1 while somebody is attached to this probe. For work that only a probe needs, such as taking a
// start stamp that nothing else uses.
#define VALKYRIA_ENABLED(name) (__builtin_expect(valkyria_##name##_semaphore, 0) != 0)

#define VALKYRIA_U64_(value) ((uint64_t)(value))
#define VALKYRIA_PTR_(value) ((uint64_t)(uintptr_t)(value))
#define VALKYRIA_INLINE_ static inline __attribute__((always_inline, unused))

// Parameters first, registers second: computing an argument may call functions, which may clobber
// registers that are already loaded.
#define VALKYRIA_R_(n, reg) register uint64_t r##n __asm__(reg) = a##n
#define VALKYRIA_REGS_3_ \
  VALKYRIA_R_(0, "rdi"); \
  VALKYRIA_R_(1, "rsi"); \
  VALKYRIA_R_(2, "rdx")
#define VALKYRIA_REGS_4_ \
  VALKYRIA_REGS_3_;      \
  VALKYRIA_R_(3, "rcx")
#define VALKYRIA_REGS_6_ \
  VALKYRIA_REGS_4_;      \
  VALKYRIA_R_(4, "r8");  \
  VALKYRIA_R_(5, "r9")
#define VALKYRIA_REGS_7_ \
  VALKYRIA_REGS_6_;      \
  VALKYRIA_R_(6, "rax")
#define VALKYRIA_REGS_10_ \
  VALKYRIA_REGS_7_;       \
  VALKYRIA_R_(7, "r10");  \
  VALKYRIA_R_(8, "r11");  \
  VALKYRIA_R_(9, "rbx")
#define VALKYRIA_REGS_12_ \
  VALKYRIA_REGS_10_;      \
  VALKYRIA_R_(10, "r12"); \
  VALKYRIA_R_(11, "r13")

#define VALKYRIA_PROBE_3_(name)                                                       \
  VALKYRIA_SEMAPHORE_(name);                                                          \
  VALKYRIA_INLINE_ void valkyria_fire_##name(uint64_t a0, uint64_t a1, uint64_t a2) { \
    VALKYRIA_REGS_3_;                                                                 \
    STAP_PROBE3(valkyria, name, r0, r1, r2);                                          \
  }
#define VALKYRIA_PROBE_4_(name)                                                                    \
  VALKYRIA_SEMAPHORE_(name);                                                                       \
  VALKYRIA_INLINE_ void valkyria_fire_##name(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3) { \
    VALKYRIA_REGS_4_;                                                                              \
    STAP_PROBE4(valkyria, name, r0, r1, r2, r3);                                                   \
  }
#define VALKYRIA_PROBE_6_(name)                                                                  \
  VALKYRIA_SEMAPHORE_(name);                                                                     \
  VALKYRIA_INLINE_ void valkyria_fire_##name(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, \
                                             uint64_t a4, uint64_t a5) {                         \
    VALKYRIA_REGS_6_;                                                                            \
    STAP_PROBE6(valkyria, name, r0, r1, r2, r3, r4, r5);                                         \
  }
#define VALKYRIA_PROBE_7_(name)                                                                  \
  VALKYRIA_SEMAPHORE_(name);                                                                     \
  VALKYRIA_INLINE_ void valkyria_fire_##name(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, \
                                             uint64_t a4, uint64_t a5, uint64_t a6) {            \
    VALKYRIA_REGS_7_;                                                                            \
    STAP_PROBE7(valkyria, name, r0, r1, r2, r3, r4, r5, r6);                                     \
  }
#define VALKYRIA_PROBE_10_(name)                                                                 \
  VALKYRIA_SEMAPHORE_(name);                                                                     \
  VALKYRIA_INLINE_ void valkyria_fire_##name(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, \
                                             uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, \
                                             uint64_t a8, uint64_t a9) {                         \
    VALKYRIA_REGS_10_;                                                                           \
    STAP_PROBE10(valkyria, name, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9);                        \
  }
#define VALKYRIA_PROBE_12_(name)                                                                 \
  VALKYRIA_SEMAPHORE_(name);                                                                     \
  VALKYRIA_INLINE_ void valkyria_fire_##name(                                                    \
      uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, \
      uint64_t a7, uint64_t a8, uint64_t a9, uint64_t a10, uint64_t a11) {                       \
    VALKYRIA_REGS_12_;                                                                           \
    STAP_PROBE12(valkyria, name, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11);              \
  }

VALKYRIA_PROBE_3_(gc__request)
VALKYRIA_PROBE_3_(gc__arrive)
VALKYRIA_PROBE_6_(gc__begin)
VALKYRIA_PROBE_6_(gc__end)
VALKYRIA_PROBE_3_(eval__begin)
VALKYRIA_PROBE_4_(eval__end)
VALKYRIA_PROBE_10_(connection__state)
VALKYRIA_PROBE_12_(request__end)
VALKYRIA_PROBE_7_(overload)
VALKYRIA_PROBE_6_(client__operation)
VALKYRIA_PROBE_4_(client__cache)
VALKYRIA_PROBE_3_(loop__stall)
VALKYRIA_PROBE_3_(function__entry)
VALKYRIA_PROBE_3_(function__return)

#define VALKYRIA_FIRE_(name, ...)                                  \
  do {                                                             \
    if (VALKYRIA_ENABLED(name)) valkyria_fire_##name(__VA_ARGS__); \
  } while (0)

#else  // no probes: every macro compiles to nothing, its arguments are not evaluated

#define VALKYRIA_ENABLED(name) 0
#define VALKYRIA_U64_(value) 0
#define VALKYRIA_PTR_(value) 0
#define VALKYRIA_FIRE_(name, ...) ((void)0)

#endif

// --- Garbage collector -----------------------------------------------------------------------

// Somebody asked for a collection: the time to the safe point starts here. `cycle` is the number
// that the collection will have. Several threads may ask for one cycle; the first one counts.
#define VALKYRIA_GC_REQUEST(heap, cycle, reason) \
  VALKYRIA_FIRE_(gc__request, VALKYRIA_PTR_(heap), VALKYRIA_U64_(cycle), VALKYRIA_U64_(reason))

// One thread reached its safe point for this cycle. `thread` is a kernel thread id.
#define VALKYRIA_GC_ARRIVE(heap, cycle, thread) \
  VALKYRIA_FIRE_(gc__arrive, VALKYRIA_PTR_(heap), VALKYRIA_U64_(cycle), VALKYRIA_U64_(thread))

// The collection starts (all threads that must stop have stopped). `world_stopped` is 0 where
// other Lisp threads go on.
#define VALKYRIA_GC_BEGIN(heap, cycle, used_bytes, total_bytes, reason, world_stopped)            \
  VALKYRIA_FIRE_(gc__begin, VALKYRIA_PTR_(heap), VALKYRIA_U64_(cycle), VALKYRIA_U64_(used_bytes), \
                 VALKYRIA_U64_(total_bytes), VALKYRIA_U64_(reason), VALKYRIA_U64_(world_stopped))

// The collection is over. `used_bytes` is what is left in use, `trigger_bytes` the use that will
// start the next collection. Same heap and cycle as its begin.
#define VALKYRIA_GC_END(heap, cycle, used_bytes, total_bytes, reclaimed_bytes, trigger_bytes)   \
  VALKYRIA_FIRE_(gc__end, VALKYRIA_PTR_(heap), VALKYRIA_U64_(cycle), VALKYRIA_U64_(used_bytes), \
                 VALKYRIA_U64_(total_bytes), VALKYRIA_U64_(reclaimed_bytes),                    \
                 VALKYRIA_U64_(trigger_bytes))

// --- Evaluation ------------------------------------------------------------------------------

// The outermost evaluation of a script form, a REPL line, a timer or a task; never the recursion.
// `context` is an id of the evaluating thread, `kind` a valkyria_eval_kind, `name` a string.
#define VALKYRIA_EVAL_BEGIN(context, kind, name) \
  VALKYRIA_FIRE_(eval__begin, VALKYRIA_PTR_(context), VALKYRIA_U64_(kind), VALKYRIA_PTR_(name))

// `evals_done`: evaluations since its begin; `failed`: 1 when it ended with an error.
#define VALKYRIA_EVAL_END(context, kind, evals_done, failed)             \
  VALKYRIA_FIRE_(eval__end, VALKYRIA_PTR_(context), VALKYRIA_U64_(kind), \
                 VALKYRIA_U64_(evals_done), VALKYRIA_U64_(failed))

// --- Connections and requests ----------------------------------------------------------------
//
// `system` and `server` are ids of the event loop's system and of the listening server (0 for a
// connection that belongs to no server), `system_name` and `host` strings, `tls` 0 or 1.

// A connection changed its state: every transition but the ones between active and idle, which
// VALKYRIA_REQUEST_END carries. A new connection is connecting; once set up it is idle until a
// request begins on it, active while at least one request is open, idle again afterwards. When a
// connection goes away with requests open, these end first (status 0), so it is idle before it is
// closing: `from` and `to` are never VALKYRIA_STATE_ACTIVE.
// `from_ns` is how long the connection had been in the state `from` (0: unknown or none).
#define VALKYRIA_CONNECTION_STATE(system, system_name, server, host, port, tls, connection, from, \
                                  to, from_ns)                                                    \
  VALKYRIA_FIRE_(connection__state, VALKYRIA_PTR_(system), VALKYRIA_PTR_(system_name),            \
                 VALKYRIA_PTR_(server), VALKYRIA_PTR_(host), VALKYRIA_U64_(port),                 \
                 VALKYRIA_U64_(tls), VALKYRIA_PTR_(connection), VALKYRIA_U64_(from),              \
                 VALKYRIA_U64_(to), VALKYRIA_U64_(from_ns))

// A request is over: its response was handed to the transport, or it was given up (status 0).
// The connection state has been updated already. `idle_ns` is how long the connection had been
// idle before this request made it active, 0 if it was active already (another request was open).
// `eval_ns` is the time that Lisp handlers took for it.
#define VALKYRIA_REQUEST_END(system, system_name, server, host, port, tls, status, duration_ns, \
                             idle_ns, eval_ns, bytes_sent, bytes_received)                      \
  VALKYRIA_FIRE_(request__end, VALKYRIA_PTR_(system), VALKYRIA_PTR_(system_name),               \
                 VALKYRIA_PTR_(server), VALKYRIA_PTR_(host), VALKYRIA_U64_(port),               \
                 VALKYRIA_U64_(tls), VALKYRIA_U64_(status), VALKYRIA_U64_(duration_ns),         \
                 VALKYRIA_U64_(idle_ns), VALKYRIA_U64_(eval_ns), VALKYRIA_U64_(bytes_sent),     \
                 VALKYRIA_U64_(bytes_received))

// A request or a connection was answered with an overload response. The request's own
// VALKYRIA_REQUEST_END fires too, where there was a request.
#define VALKYRIA_OVERLOAD(system, system_name, server, host, port, tls, reason)   \
  VALKYRIA_FIRE_(overload, VALKYRIA_PTR_(system), VALKYRIA_PTR_(system_name),     \
                 VALKYRIA_PTR_(server), VALKYRIA_PTR_(host), VALKYRIA_U64_(port), \
                 VALKYRIA_U64_(tls), VALKYRIA_U64_(reason))

// --- Clients ---------------------------------------------------------------------------------

// An operation of a named client is over. `failed` and `retried` are 0 or 1.
#define VALKYRIA_CLIENT_OPERATION(client, name, type, duration_ns, failed, retried)      \
  VALKYRIA_FIRE_(client__operation, VALKYRIA_PTR_(client), VALKYRIA_PTR_(name),          \
                 VALKYRIA_PTR_(type), VALKYRIA_U64_(duration_ns), VALKYRIA_U64_(failed), \
                 VALKYRIA_U64_(retried))

// A cache client looked something up; `hit` is 0 or 1.
#define VALKYRIA_CLIENT_CACHE(client, name, type, hit)                                           \
  VALKYRIA_FIRE_(client__cache, VALKYRIA_PTR_(client), VALKYRIA_PTR_(name), VALKYRIA_PTR_(type), \
                 VALKYRIA_U64_(hit))

// --- Event loop ------------------------------------------------------------------------------

// Call it after every turn of the loop with the time the turn was busy (the wait in the kernel
// left out); it fires only for turns of at least VALKYRIA_STALL_MIN_NS.
#define VALKYRIA_LOOP_TURN(system, system_name, busy_ns)                               \
  do {                                                                                 \
    if (VALKYRIA_ENABLED(loop__stall)) {                                               \
      uint64_t valkyria_busy_ns_ = VALKYRIA_U64_(busy_ns);                             \
      if (valkyria_busy_ns_ >= VALKYRIA_STALL_MIN_NS)                                  \
        VALKYRIA_FIRE_(loop__stall, VALKYRIA_PTR_(system), VALKYRIA_PTR_(system_name), \
                       valkyria_busy_ns_);                                             \
    }                                                                                  \
  } while (0)

// --- Functions -------------------------------------------------------------------------------

// Heavy: fires at every call of a Lisp function while attached, so it is attached only on demand.
#define VALKYRIA_FUNCTION_ENTRY(context, name, depth) \
  VALKYRIA_FIRE_(function__entry, VALKYRIA_PTR_(context), VALKYRIA_PTR_(name), VALKYRIA_U64_(depth))
#define VALKYRIA_FUNCTION_RETURN(context, name, depth)                          \
  VALKYRIA_FIRE_(function__return, VALKYRIA_PTR_(context), VALKYRIA_PTR_(name), \
                 VALKYRIA_U64_(depth))

#endif  // VALKYRIA_PROBES_H
