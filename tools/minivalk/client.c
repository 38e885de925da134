// SPDX-License-Identifier: BSD-2-Clause
#include "client.h"

#include <string.h>

#include "clock.h"

#define FAILS_EVERY 16
#define RETRIES_EVERY 8
#define WORK_ROUNDS 2000

void clients_create(struct clients* clients) {
  pthread_mutex_init(&clients->lock, NULL);
}

void clients_destroy(struct clients* clients) {
  pthread_mutex_destroy(&clients->lock);
}

static bool is_name(const char* name) {
  size_t length = strlen(name);
  return length > 0 && length < NAME_BYTES_MAX &&
         strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

static struct client* add(struct clients* clients, const struct system* system, const char* name,
                          const char* type) {
  if (clients->count == CLIENTS_MAX) return NULL;
  struct client_counters* counters = &minivalk_runtime.clients[clients->count];
  struct client* client = &clients->list[clients->count++];
  client->id = next_id();
  client->counters = counters;
  counters->id = client->id;
  counters->system = system->index;
  strcpy(counters->name, name);
  strcpy(counters->type, type);
  atomic_store(&minivalk_runtime.client_count, clients->count);
  count_add(&system->counters->clients_count, 1);
  return client;
}

struct client* client_named(struct clients* clients, const struct system* system, const char* name,
                            const char* type) {
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

// What a cache would do with a key, in place of a round trip.
static void work(uint64_t key) {
  volatile uint64_t value = key;
  for (int i = 0; i < WORK_ROUNDS; ++i) value = value * UINT64_C(6364136223846793005) + 1;
}

static void look_up(struct client* client) {
  size_t key = client->operations * 7 % CACHE_KEYS;
  bool hit = client->cached[key];
  client->cached[key] = true;
  count_add(hit ? &client->counters->cache_hits_total : &client->counters->cache_misses_total, 1);
  VALKYRIA_CLIENT_CACHE(client->id, client->counters->name, client->counters->type, hit);
  work(key);
}

void client_operate(struct client* client) {
  struct client_counters* counters = client->counters;
  uint64_t begin_ns = clock_now_ns();
  ++client->operations;
  look_up(client);
  bool failed = client->operations % FAILS_EVERY == 0;
  bool retried = client->operations % RETRIES_EVERY == 0;
  uint64_t duration_ns = clock_elapsed_ns(begin_ns, clock_now_ns());
  count_add(&counters->operations_total, 1);
  count_add(&counters->errors_total, failed);
  count_add(&counters->retries_total, retried);
  histogram_observe(&counters->operation_duration, &HISTOGRAM_HTTP, duration_ns);
  VALKYRIA_CLIENT_OPERATION(client->id, counters->name, counters->type, duration_ns, failed,
                            retried);
}
