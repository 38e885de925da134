// SPDX-License-Identifier: BSD-2-Clause
//
// The one kind of object in the heap. Every cell has 32 bytes, so that the collector can walk the
// whole heap without knowing what is in it.
#ifndef MINIVALK_CELL_H
#define MINIVALK_CELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum cell_type {
  CELL_FREE = 0,
  CELL_NIL,
  CELL_TRUE,
  CELL_FALSE,
  CELL_INTEGER,
  CELL_SYMBOL,
  CELL_TEXT,   // length in aux, bytes in a chain of chunks
  CELL_CHUNK,  // 16 bytes of a text
  CELL_PAIR,
  CELL_CLOSURE,  // index of the symbol that names it in aux, 0: none
  CELL_BUILTIN,
  CELL_SCOPE,
  CELL_BINDING
};

#define CHUNK_BYTES 16
// Written at birth and never again: another value means that somebody wrote into our heap.
#define CELL_GUARD 0xC311

struct cell;
struct builtin;

// What one thread may write while others read it. Whoever reads a cell out of a slot sees the cell
// as it was complete when it was written there.
typedef _Atomic(struct cell*) cell_slot;

struct cell_symbol {
  const char* name;  // owned by the symbol table
  cell_slot global;  // NULL: unbound
  uint32_t index;
  uint32_t special_form;  // 0: none
};
struct cell_chunk {
  struct cell* next;
  char bytes[CHUNK_BYTES];
};
struct cell_pair {
  struct cell* head;
  struct cell* tail;
};
struct cell_closure {
  struct cell* parameters;
  struct cell* body;
  struct cell* scope;
};
struct cell_scope {
  cell_slot bindings;   // chain of CELL_BINDING, nil at its end
  struct cell* parent;  // nil: the global environment
};
struct cell_binding {
  struct cell* symbol;
  cell_slot value;
  struct cell* next;
};

struct cell {
  uint8_t type;
  uint8_t marked;
  uint16_t guard;
  _Atomic uint32_t aux;
  union {
    struct cell* next_free;
    int64_t integer;
    struct cell* chunks;
    const struct builtin* builtin;
    struct cell_symbol symbol;
    struct cell_chunk chunk;
    struct cell_pair pair;
    struct cell_closure closure;
    struct cell_scope scope;
    struct cell_binding binding;
  };
};

_Static_assert(sizeof(struct cell) == 32, "a cell has 32 bytes");

static inline struct cell* slot_read(cell_slot* slot) {
  return atomic_load_explicit(slot, memory_order_acquire);
}

static inline void slot_write(cell_slot* slot, struct cell* cell) {
  atomic_store_explicit(slot, cell, memory_order_release);
}

static inline bool is_true(const struct cell* value) {
  return value->type != CELL_FALSE && value->type != CELL_NIL;
}

#endif  // MINIVALK_CELL_H
