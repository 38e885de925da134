// SPDX-License-Identifier: BSD-2-Clause
#include "client.h"

#include <string.h>

#include "clock.h"

#define WORK_ROUNDS 2000

struct client_plan {
  const char* type;
  uint64_t fails_every;
  uint64_t retries_every;
  uint64_t misses_every;  // 0: it has no cache
  uint64_t pool_size;
};

static const struct client_plan CACHE = {"Cache", 16, 8, 4, 8};
static const struct client_plan DATABASE = {"Database", 10, 5, 0, 16};

void clients_create(struct clients* clients) {
  pthread_mutex_init(&clients->lock, NULL);
}

void clients_destroy(struct clients* clients) {
  pthread_mutex_destroy(&clients->lock);
}

static bool is_name(const char* name) {
  size_t length = strlen(name);
  return length > 0 && length < NAME_BYTES_MAX &&
         strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

static struct client* add(struct clients* clients, const struct system* system, const char* name,
                          const char* type) {
  if (clients->count == CLIENTS_MAX) return NULL;
  struct client_counters* counters = &minivalk_runtime.clients[clients->count];
  struct client* client = &clients->list[clients->count++];
  client->id = next_id();
  client->counters = counters;
  client->plan = strcmp(type, CACHE.type) == 0 ? &CACHE : &DATABASE;
  counters->id = client->id;
  counters->system = system->index;
  strcpy(counters->name, name);
  strcpy(counters->type, type);
  count_set(&counters->pool_size, client->plan->pool_size);
  atomic_store(&minivalk_runtime.client_count, clients->count);
  count_add(&system->counters->clients_count, 1);
  return client;
}

struct client* client_named(struct clients* clients, const struct system* system, const char* name,
                            const char* type) {
  if (*type == '\0') type = strstr(name, "cache") != NULL ? CACHE.type : DATABASE.type;
  if (!is_name(name) || !is_name(type)) return NULL;
  struct client* client = NULL;
  pthread_mutex_lock(&clients->lock);
  for (uint32_t i = 0; i < clients->count && client == NULL; ++i) {
    const struct client_counters* counters = clients->list[i].counters;
    if (strcmp(counters->name, name) == 0 && strcmp(counters->type, type) == 0)
      client = &clients->list[i];
  }
  if (client == NULL) client = add(clients, system, name, type);
  pthread_mutex_unlock(&clients->lock);
  return client;
}

// In place of a round trip.
static void work(uint64_t seed) {
  volatile uint64_t value = seed;
  for (int i = 0; i < WORK_ROUNDS; ++i) value = value * UINT64_C(6364136223846793005) + 1;
}

static void look_up(struct client* client, bool hit) {
  struct client_counters* counters = client->counters;
  count_add(hit ? &counters->cache_hits_total : &counters->cache_misses_total, 1);
  VALKYRIA_CLIENT_CACHE(client->id, counters->name, counters->type, hit);
}

// A client that has not yet filled its pool opens one connection more, and keeps it.
static void open_connection(struct client* client, uint64_t operation) {
  if (operation <= client->plan->pool_size) count_add(&client->counters->connections_active, 1);
}

void client_operate(struct client* client) {
  struct client_counters* counters = client->counters;
  const struct client_plan* plan = client->plan;
  uint64_t begin_ns = clock_now_ns();
  uint64_t operation = atomic_fetch_add(&client->last_operation, 1) + 1;
  open_connection(client, operation);
  if (plan->misses_every != 0) look_up(client, operation % plan->misses_every != 0);
  work(operation);
  bool failed = operation % plan->fails_every == 0;
  bool retried = operation % plan->retries_every == 0;
  uint64_t duration_ns = clock_elapsed_ns(begin_ns, clock_now_ns());
  count_add(&counters->operations_total, 1);
  count_add(&counters->errors_total, failed);
  count_add(&counters->retries_total, retried);
  histogram_observe(&counters->operation_duration, &HISTOGRAM_HTTP, duration_ns);
  VALKYRIA_CLIENT_OPERATION(client->id, counters->name, counters->type, duration_ns, failed,
                            retried);
}
