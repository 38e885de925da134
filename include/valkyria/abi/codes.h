// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// The numbers that probes carry, as in <valkyria/probes.h> (a test holds the two against each
// other), and the numbers by which maps are indexed.
#ifndef VALKYRIA_ABI_CODES_H
#define VALKYRIA_ABI_CODES_H

enum {
  VALK_STATE_NONE,
  VALK_STATE_CONNECTING,
  VALK_STATE_ACTIVE,
  VALK_STATE_IDLE,
  VALK_STATE_CLOSING,
  VALK_STATE_CLOSED,
};
#define VALK_STATES 6

#define VALK_OVERLOAD_REASONS 4

// Kinds of evaluation start at 1; requests' evaluations come with request__end.
#define VALK_EVAL_KINDS 6
#define VALK_EVAL_REQUEST 3

// Status classes: 1 to 5 for 1xx to 5xx.
#define VALK_STATUS_GIVEN_UP 0
#define VALK_STATUS_OTHER 6
#define VALK_STATUS_CLASSES 7

// Probes that have a BPF program, in the order of their hit counters.
enum valk_probe {
  VALK_PROBE_GC_REQUEST,
  VALK_PROBE_GC_ARRIVE,
  VALK_PROBE_GC_BEGIN,
  VALK_PROBE_GC_END,
  VALK_PROBE_CONNECTION_STATE,
  VALK_PROBE_REQUEST_END,
  VALK_PROBE_OVERLOAD,
  VALK_PROBE_EVAL_BEGIN,
  VALK_PROBE_EVAL_END,
  VALK_PROBE_CLIENT_OPERATION,
  VALK_PROBE_CLIENT_CACHE,
  VALK_PROBE_LOOP_STALL,
  VALK_PROBE_FUNCTION_ENTRY,
  VALK_PROBE_FUNCTION_RETURN,
  VALK_PROBES,
};

// Why an event, or a part of one, was not counted where it belongs.
enum valk_loss {
  VALK_LOSS_GC_REQUEST_UNSEEN,   // a collection began unasked: no time to the safe point
  VALK_LOSS_GC_BEGIN_UNSEEN,     // a collection ended whose begin was not seen: no pause
  VALK_LOSS_GC_END_UNSEEN,       // the next collection began before this one's end: no pause
  VALK_LOSS_GC_HEAPS_FULL,       // more heaps than there is room for: event not counted
  VALK_LOSS_ENDPOINTS_FULL,      // more servers than there is room for: counted under "other"
  VALK_LOSS_NAME_UNREADABLE,     // a name was not in memory: hidden until the next event names it
  VALK_LOSS_NAME_TRUNCATED,      // a name is longer than VALK_NAME_BYTES - 1: cut
  VALK_LOSS_DURATION_UNKNOWN,    // the runtime passed 0 for a duration: event counted, not timed
  VALK_LOSS_STATE_INVALID,       // a change of state that is not in the contract: not counted
  VALK_LOSS_EVAL_BEGIN_UNSEEN,   // an evaluation ended whose begin was not seen: not timed
  VALK_LOSS_EVAL_END_UNSEEN,     // the next one began in the same context before this one's end
  VALK_LOSS_EVAL_KIND_INVALID,   // a kind of evaluation that is not in the contract: not counted
  VALK_LOSS_EVAL_CONTEXTS_FULL,  // more contexts than there is room for: not timed
  VALK_LOSS_CLIENTS_FULL,        // more clients than there is room for: counted under "other"
  VALK_LOSS_FUNCTION_ENTRY_UNSEEN,   // a call returned whose entry was not seen: not timed
  VALK_LOSS_FUNCTION_RETURN_UNSEEN,  // a call at this depth never returned: not timed
  VALK_LOSS_FUNCTION_CALLS_FULL,     // more open calls than VALK_MAX_FUNCTION_CALLS: not timed
  VALK_LOSS_FUNCTIONS_FULL,       // more functions than VALK_MAX_FUNCTIONS: counted under "other"
  VALK_LOSS_PROCESS_EVENTS_FULL,  // execs or forks that nobody took in time
  VALK_LOSS_EVENTS_FULL,          // single events that nobody took in time: summed up all the same
  VALK_LOSS_SAMPLES_FULL,         // samples of stacks that nobody took in time
  // No fault: what had begun before its probes were attached, so that its duration is not known.
  VALK_LOSS_ATTACHED_IN_THE_MIDDLE,
  VALK_LOSSES,
};

#endif
