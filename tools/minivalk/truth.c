// SPDX-License-Identifier: BSD-2-Clause
#include "truth.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LE_BYTES_MAX 32
#define NAME_ROOM 96

static void begin_sample(struct output* output, const char* name, const char* labels) {
  if (output->bytes[output->length - 1] == '}') output_bytes(output, ",", 1);
  output_format(output, "{\"name\":\"%s\",\"labels\":{%s},\"value\":", name, labels);
}

void truth_integer(struct output* output, const char* name, const char* labels, uint64_t value) {
  begin_sample(output, name, labels);
  output_format(output, "%" PRIu64 "}", value);
}

void truth_seconds(struct output* output, const char* name, const char* labels, uint64_t value_ns) {
  begin_sample(output, name, labels);
  output_format(output, "%" PRIu64 ".%09" PRIu64 "}", value_ns / 1000000000U,
                value_ns % 1000000000U);
}

void truth_number(struct output* output, const char* name, const char* labels, double value) {
  begin_sample(output, name, labels);
  output_format(output, "%.17g}", value);
}

// The shortest decimal number of seconds.
static void print_bound(char* text, uint64_t bound_ns) {
  int length = snprintf(text, LE_BYTES_MAX, "%" PRIu64 ".%09" PRIu64, bound_ns / 1000000000U,
                        bound_ns % 1000000000U);
  while (text[length - 1] == '0') text[--length] = '\0';
  if (text[length - 1] == '.') text[length - 1] = '\0';
}

void truth_histogram(struct output* output, const char* name, const char* labels,
                     struct histogram* histogram, const struct histogram_bounds* bounds) {
  char series[NAME_ROOM];
  char with_le[LABELS_BYTES_MAX + LE_BYTES_MAX + 16];
  uint64_t cumulative = 0;
  for (size_t i = 0; i <= bounds->count; ++i) {
    char le[LE_BYTES_MAX] = "+Inf";
    if (i < bounds->count) print_bound(le, bounds->bounds_ns[i]);
    cumulative += count_read(&histogram->buckets[i]);
    snprintf(series, sizeof(series), "%s_bucket", name);
    snprintf(with_le, sizeof(with_le), "%s%s\"le\":\"%s\"", labels, *labels != '\0' ? "," : "", le);
    truth_integer(output, series, with_le, cumulative);
  }
  snprintf(series, sizeof(series), "%s_sum", name);
  truth_seconds(output, series, labels, count_read(&histogram->sum_ns));
  snprintf(series, sizeof(series), "%s_count", name);
  truth_integer(output, series, labels, count_read(&histogram->count));
}

// Before the first collection there is nothing to tell.
static void truth_last_collection(struct output* output, struct gc_counters* gc) {
  if (count_read(&gc->cycles_total) == 0) return;
  truth_integer(output, "valk_gc_heap_live_bytes", "", count_read(&gc->heap_live_bytes));
  truth_seconds(output, "valk_gc_last_collection_timestamp_seconds", "",
                count_read(&gc->last_collection_unix_ns));
}

static void truth_gc(struct output* output) {
  struct gc_counters* gc = &minivalk_runtime.gc;
  uint64_t used_bytes = count_read(&gc->heap_used_bytes);
  uint64_t total_bytes = count_read(&gc->heap_total_bytes);
  truth_integer(output, "valk_gc_cycles_total", "", count_read(&gc->cycles_total));
  truth_seconds(output, "valk_gc_pause_seconds_total", "", count_read(&gc->pause_ns_total));
  truth_seconds(output, "valk_gc_pause_seconds_max", "", count_read(&gc->pause_ns_max));
  truth_integer(output, "valk_gc_reclaimed_bytes_total", "",
                count_read(&gc->reclaimed_bytes_total));
  truth_integer(output, "valk_gc_heap_used_bytes", "", used_bytes);
  truth_integer(output, "valk_gc_heap_total_bytes", "", total_bytes);
  truth_number(output, "valk_gc_heap_utilization_ratio", "",
               (double)used_bytes / (double)total_bytes);
  truth_integer(output, "valk_gc_heap_peak_bytes", "", count_read(&gc->heap_peak_bytes));
  truth_last_collection(output, gc);
  truth_integer(output, "valk_gc_trigger_bytes", "", count_read(&gc->trigger_bytes));
  truth_histogram(output, "valk_gc_pause_duration_seconds", "", &gc->pause, &HISTOGRAM_OTHER);
  truth_histogram(output, "valk_gc_time_to_safepoint_seconds", "", &gc->time_to_safepoint,
                  &HISTOGRAM_OTHER);
}

static void truth_vm(struct output* output) {
  static const char* const KINDS[EVAL_KINDS] = {NULL, "script", "repl", "request", "timer", "task"};
  struct vm_counters* vm = &minivalk_runtime.vm;
  truth_integer(output, "valk_eval_total", "", count_read(&vm->evals_total));
  truth_integer(output, "valk_function_calls_total", "", count_read(&vm->function_calls_total));
  truth_integer(output, "valk_builtin_calls_total", "", count_read(&vm->builtin_calls_total));
  truth_integer(output, "valk_stack_depth_max", "", count_read(&vm->stack_depth_max));
  truth_integer(output, "valk_closures_created_total", "", count_read(&vm->closures_created_total));
  truth_integer(output, "valk_env_lookups_total", "", count_read(&vm->env_lookups_total));
  for (int kind = VALKYRIA_EVAL_SCRIPT; kind < EVAL_KINDS; ++kind) {
    char labels[LABELS_BYTES_MAX];
    snprintf(labels, sizeof(labels), "\"kind\":\"%s\"", KINDS[kind]);
    truth_histogram(output, "valk_eval_duration_seconds", labels, &vm->eval_duration[kind],
                    &HISTOGRAM_OTHER);
  }
}

void truth_print(struct output* output) {
  output_format(output, "{\"metrics\":[");
  truth_gc(output);
  truth_vm(output);
  for (uint32_t i = 0; i < atomic_load(&minivalk_runtime.system_count); ++i)
    truth_system(output, &minivalk_runtime.systems[i]);
  for (uint32_t i = 0; i < atomic_load(&minivalk_runtime.server_count); ++i)
    truth_server(output, &minivalk_runtime.servers[i]);
  for (uint32_t i = 0; i < atomic_load(&minivalk_runtime.client_count); ++i)
    truth_client(output, &minivalk_runtime.clients[i]);
  output_format(output, "]}");
}
