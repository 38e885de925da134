// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_SYMBOLS_H
#define MINIVALK_SYMBOLS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define SYMBOLS_MAX 4096
#define SYMBOL_BYTES_MAX 64
#define SYMBOL_BUCKETS 1024

struct evaluator;
struct cell;

// Every symbol there is, alive for ever, and with it the global environment. Index 0 stays empty.
struct symbol_table {
  pthread_mutex_t lock;  // a name becomes a symbol once, whichever thread reads it first
  struct cell* cells[SYMBOLS_MAX];
  uint32_t next_in_bucket[SYMBOLS_MAX];
  uint32_t buckets[SYMBOL_BUCKETS];
  uint32_t count;
};

void symbols_create(struct symbol_table* symbols);
void symbols_destroy(struct symbol_table* symbols);

// NULL (with the evaluator's error set) when the table or the heap is full or the name too long.
struct cell* symbol_intern(struct evaluator* evaluator, const char* name, size_t length);

const char* symbol_name(const struct symbol_table* symbols, uint32_t index);

#endif  // MINIVALK_SYMBOLS_H
