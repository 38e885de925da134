// SPDX-License-Identifier: BSD-2-Clause
#include "symbols.h"

#include <stdlib.h>
#include <string.h>

#include "evaluator.h"

static uint32_t hash(const char* name, size_t length) {
  uint32_t value = 2166136261U;
  for (size_t i = 0; i < length; ++i) value = (value ^ (unsigned char)name[i]) * 16777619U;
  return value % SYMBOL_BUCKETS;
}

void symbols_create(struct symbol_table* symbols) {
  memset(symbols, 0, sizeof(*symbols));
  pthread_mutex_init(&symbols->lock, NULL);
  symbols->count = 1;
}

void symbols_destroy(struct symbol_table* symbols) {
  for (uint32_t i = 1; i < symbols->count; ++i) free((char*)symbols->cells[i]->symbol.name);
  pthread_mutex_destroy(&symbols->lock);
}

const char* symbol_name(const struct symbol_table* symbols, uint32_t index) {
  return index == 0 ? NULL : symbols->cells[index]->symbol.name;
}

static struct cell* find(struct symbol_table* symbols, const char* name, size_t length) {
  for (uint32_t i = symbols->buckets[hash(name, length)]; i != 0; i = symbols->next_in_bucket[i]) {
    const char* known = symbols->cells[i]->symbol.name;
    if (strlen(known) == length && memcmp(known, name, length) == 0) return symbols->cells[i];
  }
  return NULL;
}

static struct cell* add(struct evaluator* evaluator, const char* name, size_t length) {
  struct symbol_table* symbols = evaluator->symbols;
  if (length > SYMBOL_BYTES_MAX) return fail(evaluator, "symbol longer than %d", SYMBOL_BYTES_MAX);
  if (symbols->count == SYMBOLS_MAX) return fail(evaluator, "too many symbols");
  struct cell* cell = make_cell(evaluator, CELL_SYMBOL);
  if (cell == NULL) return NULL;
  char* copy = strndup(name, length);
  if (copy == NULL) return fail(evaluator, "out of memory");
  uint32_t bucket = hash(name, length);
  uint32_t index = symbols->count++;
  cell->symbol.name = copy;
  cell->symbol.index = index;
  symbols->cells[index] = cell;
  symbols->next_in_bucket[index] = symbols->buckets[bucket];
  symbols->buckets[bucket] = index;
  return cell;
}

struct cell* symbol_intern(struct evaluator* evaluator, const char* name, size_t length) {
  struct symbol_table* symbols = evaluator->symbols;
  pthread_mutex_lock(&symbols->lock);
  struct cell* symbol = find(symbols, name, length);
  if (symbol == NULL) symbol = add(evaluator, name, length);
  pthread_mutex_unlock(&symbols->lock);
  return symbol;
}
