// SPDX-License-Identifier: BSD-2-Clause
#include "lisp_text.h"

#include <string.h>

static size_t smaller(size_t left, size_t right) {
  return left < right ? left : right;
}

struct cell* make_text(struct evaluator* evaluator, const char* bytes, size_t length) {
  if (length > TEXT_BYTES_MAX) return fail(evaluator, "text longer than %d bytes", TEXT_BYTES_MAX);
  struct cell* text = make_cell(evaluator, CELL_TEXT);
  if (text == NULL) return NULL;
  text->aux = (uint32_t)length;
  struct cell** next = &text->chunks;
  for (size_t done = 0; done < length; done += CHUNK_BYTES) {
    struct cell* chunk = make_cell(evaluator, CELL_CHUNK);
    if (chunk == NULL) return NULL;
    memcpy(chunk->chunk.bytes, bytes + done, smaller(length - done, CHUNK_BYTES));
    *next = chunk;
    next = &chunk->chunk.next;
  }
  return text;
}

size_t text_copy(const struct cell* text, char* buffer, size_t size) {
  size_t wanted = smaller(text->aux, size - 1);
  size_t done = 0;
  for (const struct cell* chunk = text->chunks; done < wanted; chunk = chunk->chunk.next) {
    size_t part = smaller(wanted - done, CHUNK_BYTES);
    memcpy(buffer + done, chunk->chunk.bytes, part);
    done += part;
  }
  buffer[done] = '\0';
  return text->aux;
}

bool text_equal(const struct cell* left, const struct cell* right) {
  if (left->aux != right->aux) return false;
  const struct cell* a = left->chunks;
  const struct cell* b = right->chunks;
  // The unused bytes of the last chunks are zero in both.
  for (; a != NULL && b != NULL; a = a->chunk.next, b = b->chunk.next) {
    if (memcmp(a->chunk.bytes, b->chunk.bytes, CHUNK_BYTES) != 0) return false;
  }
  return true;
}
