// SPDX-License-Identifier: BSD-2-Clause
//
// Named clients of a cache or a database. There is nothing on the other side: an operation is some
// arithmetic. What happens in a client's operation number n (from 1) is decided by n alone, so that
// after n operations, from whichever threads:
//
//   type      errors   retries   cache hits   cache misses   pool size   open connections
//   Cache     n / 16   n / 8     n - n / 4    n / 4          8           min(n, 8)
//   Database  n / 10   n / 5     0            0              16          min(n, 16)
//
// Any other type is like Database.
#ifndef MINIVALK_CLIENT_H
#define MINIVALK_CLIENT_H

#include <pthread.h>
#include <stdbool.h>

#include "counters.h"
#include "system.h"

struct client_plan;

struct client {
  uint64_t id;
  struct client_counters* counters;
  const struct client_plan* plan;
  counter_u64 last_operation;
};

struct clients {
  pthread_mutex_t lock;  // guards the list, not the clients' counters
  struct client list[CLIENTS_MAX];
  uint32_t count;
};

void clients_create(struct clients* clients);
void clients_destroy(struct clients* clients);

// The client of this name and type, made at the first call, when it is counted for that system. An
// empty type is Cache for names with "cache" in them, else Database. NULL: bad name, or too many.
struct client* client_named(struct clients* clients, const struct system* system, const char* name,
                            const char* type);

void client_operate(struct client* client);

#endif  // MINIVALK_CLIENT_H
