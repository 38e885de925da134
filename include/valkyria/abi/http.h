// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Map "http_servers": what the http group keeps for each endpoint.
#ifndef VALKYRIA_ABI_HTTP_H
#define VALKYRIA_ABI_HTTP_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/codes.h>
#include <valkyria/abi/endpoint.h>
#include <valkyria/abi/histogram.h>

// A request that found its connection idle opened an active period; another one joined it.
#define VALK_REQUEST_JOINED 0
#define VALK_REQUEST_OPENED 1
#define VALK_REQUEST_KINDS 2

// Column of `requests` for requests whose duration the runtime does not know.
#define VALK_DURATION_UNKNOWN VALK_BUCKETS
#define VALK_REQUEST_COLUMNS (VALK_BUCKETS + 1)

// The last request that lay in a pause, at least in part: an example for who asks why requests take
// long. It is whole where `written` equals `begun`: `written` is read first and written last. Who
// finds somebody else writing leaves its own out.
struct valk_paused_request {
  __u64 written;
  __u64 duration_ns;
  __u64 ended_ns;  // CLOCK_MONOTONIC
  __u64 heap;      // of the last of those pauses
  __u64 cycle;
  __u64 begun;
};

// Written by the programs with atomic adds.
//
// One add to `requests` tells the status class, the latency bucket and whether the connection went
// active by it, so that a request costs as few adds as possible: the room probe sums up what is
// asked for. Requests by class = a row's sum; latency = columns of the answered classes; time in
// state active = columns of OPENED.
struct valk_http_server {
  __u64 requests[VALK_STATUS_CLASSES][VALK_REQUEST_KINDS][VALK_REQUEST_COLUMNS];
  __u64 answered_sum_ns[VALK_REQUEST_KINDS];
  __u64 given_up_sum_ns[VALK_REQUEST_KINDS];
  __u64 bytes_sent;
  __u64 bytes_received;
  __u64 overloads[VALK_OVERLOAD_REASONS];
  __u64 idle_sum_ns;  // of the idle times that ended with a request
  __u64 idle[VALK_BUCKETS];
  __u64 eval_sum_ns;  // of the requests that Lisp handlers took part in
  __u64 eval[VALK_BUCKETS];
  __u64 gc_pause_sum_ns;  // of the requests, that they lay inside pauses
  struct valk_paused_request paused;
  __u64 named;  // 1: endpoint_names has this endpoint
};
VALK_ASSERT_SIZE(valk_http_server,
                 8 * (VALK_STATUS_CLASSES * VALK_REQUEST_KINDS * VALK_REQUEST_COLUMNS +
                      2 * VALK_REQUEST_KINDS + 2 + VALK_OVERLOAD_REASONS + 2 + 2 * VALK_BUCKETS +
                      2) +
                     sizeof(struct valk_paused_request));

#endif
