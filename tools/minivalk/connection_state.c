// SPDX-License-Identifier: BSD-2-Clause
#include "clock.h"
#include "connection.h"

static counter_u64* gauge_of(struct system_counters* counters,
                             enum valkyria_connection_state state) {
  switch (state) {
    case VALKYRIA_STATE_CONNECTING:
      return &counters->connections_connecting;
    case VALKYRIA_STATE_ACTIVE:
      return &counters->connections_active;
    case VALKYRIA_STATE_IDLE:
      return &counters->connections_idle;
    case VALKYRIA_STATE_CLOSING:
      return &counters->connections_closing;
    case VALKYRIA_STATE_NONE:
    case VALKYRIA_STATE_CLOSED:
      return NULL;
  }
  return NULL;
}

static void count_transition(struct connection* connection, enum valkyria_connection_state from,
                             enum valkyria_connection_state to, uint64_t from_ns) {
  struct system_counters* counters = connection->system->counters;
  counter_u64* left = gauge_of(counters, from);
  counter_u64* entered = gauge_of(counters, to);
  if (left != NULL) count_subtract(left, 1);
  if (entered != NULL) count_add(entered, 1);
  count_add(&counters->transitions[from][to], 1);
  if (from != VALKYRIA_STATE_NONE)
    histogram_observe(&counters->state_duration[from], &HISTOGRAM_OTHER, from_ns);
}

// REQUEST_END carries these two.
static bool has_no_probe(enum valkyria_connection_state from, enum valkyria_connection_state to) {
  return (from == VALKYRIA_STATE_IDLE && to == VALKYRIA_STATE_ACTIVE) ||
         (from == VALKYRIA_STATE_ACTIVE && to == VALKYRIA_STATE_IDLE);
}

uint64_t connection_enter(struct connection* connection, enum valkyria_connection_state to,
                          uint64_t now_ns) {
  struct system* system = connection->system;
  struct server_counters* server = connection->server->counters;
  enum valkyria_connection_state from = connection->state;
  uint64_t from_ns =
      from == VALKYRIA_STATE_NONE ? 0 : clock_elapsed_ns(connection->state_since_ns, now_ns);
  connection->state = to;
  connection->state_since_ns = now_ns;
  count_transition(connection, from, to, from_ns);
  if (to == VALKYRIA_STATE_CONNECTING) {
    count_add(&system->counters->connections_total, 1);
    count_add(&system->counters->connection_pool_used, 1);
    count_add(&server->connections_active, 1);
  } else if (to == VALKYRIA_STATE_CLOSED) {
    count_subtract(&system->counters->connection_pool_used, 1);
    count_subtract(&server->connections_active, 1);
  }
  if (!has_no_probe(from, to))
    VALKYRIA_CONNECTION_STATE(system->id, system->counters->name, connection->server->id,
                              server->host, server->port, 0, connection->id, from, to, from_ns);
  return from_ns;
}
