// SPDX-License-Identifier: BSD-2-Clause
#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "truth.h"

static const char* const STATES[CONNECTION_STATES] = {"none", "connecting", "active",
                                                      "idle", "closing",    "closed"};

static void truth_loop(struct output* output, struct system_counters* system, const char* labels) {
  truth_integer(output, "valk_loop_iterations_total", labels,
                count_read(&system->loop_iterations_total));
  truth_seconds(output, "valk_loop_idle_seconds_total", labels,
                count_read(&system->loop_idle_ns_total));
  truth_histogram(output, "valk_loop_stall_duration_seconds", labels, &system->loop_stall,
                  &HISTOGRAM_OTHER);
}

static void truth_limits(struct output* output, struct system_counters* system,
                         const char* labels) {
  truth_integer(output, "valk_aio_arenas_used", labels, count_read(&system->arenas_used));
  truth_integer(output, "valk_aio_arenas_total", labels, count_read(&system->arenas_total));
  truth_integer(output, "valk_aio_arena_pool_overflow_total", labels,
                count_read(&system->arena_pool_overflow_total));
  truth_integer(output, "valk_aio_tcp_buffers_used", labels, count_read(&system->tcp_buffers_used));
  truth_integer(output, "valk_aio_tcp_buffers_total", labels,
                count_read(&system->tcp_buffers_total));
  truth_integer(output, "valk_aio_tcp_buffer_overflow_total", labels,
                count_read(&system->tcp_buffer_overflow_total));
  truth_integer(output, "valk_aio_queue_depth", labels, count_read(&system->queue_depth));
}

static void truth_connections(struct output* output, struct system_counters* system,
                              const char* labels) {
  uint64_t failed = count_read(&system->connections_failed);
  truth_integer(output, "valk_aio_connections_total", labels,
                count_read(&system->connections_total));
  truth_integer(output, "valk_aio_connections_failed", labels, failed);
  truth_integer(output, "valk_aio_connection_failures_total", labels, failed);
  truth_integer(output, "valk_aio_connections_rejected_load_total", labels,
                count_read(&system->connections_rejected_load_total));
  truth_integer(output, "valk_aio_connections_connecting", labels,
                count_read(&system->connections_connecting));
  truth_integer(output, "valk_aio_connections_active", labels,
                count_read(&system->connections_active));
  truth_integer(output, "valk_aio_connections_idle", labels, count_read(&system->connections_idle));
  truth_integer(output, "valk_aio_connections_closing", labels,
                count_read(&system->connections_closing));
  truth_integer(output, "valk_aio_connection_pool_total", labels,
                count_read(&system->connection_pool_total));
  truth_integer(output, "valk_aio_connection_pool_used", labels,
                count_read(&system->connection_pool_used));
}

static void truth_requests(struct output* output, struct system_counters* system,
                           const char* labels) {
  uint64_t errors = count_read(&system->requests_errors);
  truth_integer(output, "valk_aio_streams_total", labels, count_read(&system->streams_total));
  truth_integer(output, "valk_aio_streams_active", labels, count_read(&system->streams_active));
  truth_integer(output, "valk_aio_requests_total", labels, count_read(&system->requests_total));
  truth_integer(output, "valk_aio_requests_active", labels, count_read(&system->requests_active));
  truth_integer(output, "valk_aio_requests_errors", labels, errors);
  truth_integer(output, "valk_aio_request_errors_total", labels, errors);
  truth_integer(output, "valk_aio_pending_requests", labels, count_read(&system->pending_requests));
  truth_integer(output, "valk_aio_pending_responses", labels,
                count_read(&system->pending_responses));
  truth_integer(output, "valk_aio_bytes_sent_total", labels, count_read(&system->bytes_sent_total));
  truth_integer(output, "valk_aio_bytes_recv_total", labels, count_read(&system->bytes_recv_total));
}

// Transitions that never happened have no series.
static void truth_transitions(struct output* output, struct system_counters* system) {
  char labels[LABELS_BYTES_MAX];
  for (int from = 0; from < CONNECTION_STATES; ++from) {
    for (int to = 0; to < CONNECTION_STATES; ++to) {
      uint64_t count = count_read(&system->transitions[from][to]);
      if (count == 0) continue;
      snprintf(labels, sizeof(labels), "\"system\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"",
               system->name, STATES[from], STATES[to]);
      truth_integer(output, "valk_aio_connection_transitions_total", labels, count);
    }
  }
  for (int state = VALKYRIA_STATE_CONNECTING; state < VALKYRIA_STATE_CLOSED; ++state) {
    snprintf(labels, sizeof(labels), "\"system\":\"%s\",\"state\":\"%s\"", system->name,
             STATES[state]);
    truth_histogram(output, "valk_aio_connection_state_duration_seconds", labels,
                    &system->state_duration[state], &HISTOGRAM_OTHER);
  }
}

void truth_system(struct output* output, struct system_counters* system) {
  char labels[LABELS_BYTES_MAX];
  snprintf(labels, sizeof(labels), "\"system\":\"%s\"", system->name);
  truth_integer(output, "valk_events_processed_total", labels,
                count_read(&system->events_processed_total));
  truth_integer(output, "valk_aio_servers_count", labels, count_read(&system->servers_count));
  truth_integer(output, "valk_aio_clients_count", labels, count_read(&system->clients_count));
  truth_integer(output, "valk_aio_handles_count", labels, count_read(&system->handles_count));
  truth_seconds(output, "valk_aio_uptime_seconds", labels, clock_now_ns() - system->started_at_ns);
  truth_loop(output, system, labels);
  truth_limits(output, system, labels);
  truth_connections(output, system, labels);
  truth_requests(output, system, labels);
  truth_transitions(output, system);
}

static void truth_status(struct output* output, const char* labels, const char* status,
                         uint64_t count) {
  char with_status[LABELS_BYTES_MAX + NAME_BYTES_MAX];
  snprintf(with_status, sizeof(with_status), "%s,\"status\":\"%s\"", labels, status);
  truth_integer(output, "http_requests_total", with_status, count);
}

void truth_server(struct output* output, struct server_counters* server) {
  char labels[LABELS_BYTES_MAX];
  snprintf(labels, sizeof(labels), "\"server\":\"%s\",\"port\":\"%" PRIu32 "\",\"protocol\":\"%s\"",
           server->host, server->port, server->protocol);
  truth_status(output, labels, "2xx", count_read(&server->requests_2xx_total));
  truth_status(output, labels, "3xx", count_read(&server->requests_3xx_total));
  truth_status(output, labels, "4xx", count_read(&server->requests_4xx_total));
  truth_status(output, labels, "5xx", count_read(&server->requests_5xx_total));
  uint64_t others = count_read(&server->requests_other_total);
  if (others != 0) truth_status(output, labels, "other", others);
  truth_integer(output, "http_connections_active", labels, count_read(&server->connections_active));
  truth_histogram(output, "http_request_duration_seconds", labels, &server->request_duration,
                  &HISTOGRAM_HTTP);
  truth_integer(output, "http_bytes_sent_total", labels, count_read(&server->bytes_sent_total));
  truth_integer(output, "http_bytes_recv_total", labels, count_read(&server->bytes_recv_total));
  truth_integer(output, "http_overload_responses_total", labels,
                count_read(&server->overload_responses_total));
}

void truth_client(struct output* output, struct client_counters* client) {
  char labels[LABELS_BYTES_MAX];
  snprintf(labels, sizeof(labels), "\"client\":\"%s\",\"type\":\"%s\"", client->name, client->type);
  uint64_t operations = count_read(&client->operations_total);
  truth_integer(output, "http_client_connections_active", labels,
                count_read(&client->connections_active));
  truth_integer(output, "http_client_pool_size", labels, count_read(&client->pool_size));
  truth_integer(output, "http_client_operations_total", labels, operations);
  truth_integer(output, "http_client_errors_total", labels, count_read(&client->errors_total));
  truth_integer(output, "http_client_retries_total", labels, count_read(&client->retries_total));
  truth_integer(output, "http_client_cache_hits_total", labels,
                count_read(&client->cache_hits_total));
  truth_integer(output, "http_client_cache_misses_total", labels,
                count_read(&client->cache_misses_total));
  truth_histogram(output, "http_client_request_duration_seconds", labels,
                  &client->operation_duration, &HISTOGRAM_HTTP);
  double sum_seconds = (double)count_read(&client->operation_duration.sum_ns) / 1e9;
  if (operations != 0)
    truth_number(output, "http_client_latency_seconds_avg", labels,
                 sum_seconds / (double)operations);
}
