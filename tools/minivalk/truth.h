// SPDX-License-Identifier: BSD-2-Clause
//
// What minivalk has counted, as one line of JSON under the names and labels of the exporter's
// metric catalogue. Families that minivalk has nothing for are left out.
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
void truth_ratio(struct output* output, const char* name, const char* labels, double value);
void truth_histogram(struct output* output, const char* name, const char* labels,
                     struct histogram* histogram, const struct histogram_bounds* bounds);

void truth_system(struct output* output, struct system_counters* system);
void truth_server(struct output* output, struct server_counters* server);
void truth_client(struct output* output, struct client_counters* client);

#endif  // MINIVALK_TRUTH_H
