// SPDX-License-Identifier: BSD-2-Clause
//
// Named clients of a cache. There is nothing on the other side: an operation is a look into a table
// and some arithmetic, and some of them fail or are retried by plan, so that every counter moves.
#ifndef MINIVALK_CLIENT_H
#define MINIVALK_CLIENT_H

#include <pthread.h>
#include <stdbool.h>

#include "counters.h"
#include "system.h"

#define CACHE_KEYS 16

struct client {
  uint64_t id;
  struct client_counters* counters;
  uint64_t operations;  // decides which key is next, what fails and what is retried
  bool cached[CACHE_KEYS];
};

struct clients {
  pthread_mutex_t lock;  // guards the list, not the clients' counters
  struct client list[CLIENTS_MAX];
  uint32_t count;
};

void clients_create(struct clients* clients);
void clients_destroy(struct clients* clients);

// The client of this name and type, made at the first call. NULL: bad name, or too many.
struct client* client_named(struct clients* clients, const struct system* system, const char* name,
                            const char* type);

void client_operate(struct client* client);

#endif  // MINIVALK_CLIENT_H
