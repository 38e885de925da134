// SPDX-License-Identifier: BSD-2-Clause
//
// What minivalk has counted, as one line of JSON under the names and labels of the exporter's
// metric catalogue. What can't be known, as the mean of no operations, is left out.
//
// All loops have ended the turn that they were in when the truth was asked for (settle.h), so it
// lacks nothing that a client has seen before asking. Asking takes an iteration and an event or two
// of every loop, but no part of any turn, so it makes no stall.
#ifndef MINIVALK_TRUTH_H
#define MINIVALK_TRUTH_H

#include "counters.h"
#include "output.h"

void truth_print(struct output* output);

// The rest is between the truth_*.c files. `labels` is the inside of a JSON object, "" for none;
// all label values are plain names, so that nothing needs escaping.
#define LABELS_BYTES_MAX 256

void truth_integer(struct output* output, const char* name, const char* labels, uint64_t value);
void truth_seconds(struct output* output, const char* name, const char* labels, uint64_t value_ns);
void truth_number(struct output* output, const char* name, const char* labels, double value);
void truth_histogram(struct output* output, const char* name, const char* labels,
                     struct histogram* histogram, const struct histogram_bounds* bounds);

void truth_system(struct output* output, struct system_counters* system);
void truth_server(struct output* output, struct server_counters* server);
void truth_client(struct output* output, struct client_counters* client);

#endif  // MINIVALK_TRUTH_H
