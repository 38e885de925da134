// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "builtins.h"
#include "lisp_text.h"
#include "output.h"

static struct cell* builtin_cons(struct evaluator* evaluator, struct cell** arguments,
                                 size_t count) {
  (void)count;
  return make_pair(evaluator, arguments[0], arguments[1]);
}

static struct cell* builtin_car(struct evaluator* evaluator, struct cell** arguments,
                                size_t count) {
  (void)count;
  return expect(evaluator, "car", arguments[0], CELL_PAIR) ? arguments[0]->pair.head : NULL;
}

static struct cell* builtin_cdr(struct evaluator* evaluator, struct cell** arguments,
                                size_t count) {
  (void)count;
  return expect(evaluator, "cdr", arguments[0], CELL_PAIR) ? arguments[0]->pair.tail : NULL;
}

static struct cell* builtin_list(struct evaluator* evaluator, struct cell** arguments,
                                 size_t count) {
  struct cell* list = &evaluator->heap->nil;
  for (size_t i = count; i > 0 && list != NULL; --i)
    list = make_pair(evaluator, arguments[i - 1], list);
  return list;
}

static struct cell* builtin_length(struct evaluator* evaluator, struct cell** arguments,
                                   size_t count) {
  (void)count;
  if (arguments[0]->type == CELL_TEXT) return make_integer(evaluator, arguments[0]->aux);
  int64_t length = 0;
  const struct cell* list = arguments[0];
  for (; list->type == CELL_PAIR; list = list->pair.tail) ++length;
  return expect(evaluator, "length", list, CELL_NIL) ? make_integer(evaluator, length) : NULL;
}

static struct cell* builtin_is_null(struct evaluator* evaluator, struct cell** arguments,
                                    size_t count) {
  (void)count;
  return make_truth(evaluator, arguments[0]->type == CELL_NIL);
}

static struct cell* builtin_is_integer(struct evaluator* evaluator, struct cell** arguments,
                                       size_t count) {
  (void)count;
  return make_truth(evaluator, arguments[0]->type == CELL_INTEGER);
}

static struct cell* builtin_not(struct evaluator* evaluator, struct cell** arguments,
                                size_t count) {
  (void)count;
  return make_truth(evaluator, !is_true(arguments[0]));
}

static struct cell* builtin_text_equal(struct evaluator* evaluator, struct cell** arguments,
                                       size_t count) {
  (void)count;
  if (!expect(evaluator, "text=", arguments[0], CELL_TEXT)) return NULL;
  if (!expect(evaluator, "text=", arguments[1], CELL_TEXT)) return NULL;
  return make_truth(evaluator, text_equal(arguments[0], arguments[1]));
}

static bool append_argument(struct evaluator* evaluator, struct output* output,
                            const struct cell* argument) {
  if (argument->type == CELL_INTEGER) {
    output_format(output, "%" PRId64, argument->integer);
    return true;
  }
  if (!expect(evaluator, "text", argument, CELL_TEXT)) return false;
  size_t left = argument->aux;
  for (const struct cell* chunk = argument->chunks; left > 0; chunk = chunk->chunk.next) {
    size_t part = left < CHUNK_BYTES ? left : CHUNK_BYTES;
    output_bytes(output, chunk->chunk.bytes, part);
    left -= part;
  }
  return true;
}

// (text "a" 1 "b") is "a1b".
static struct cell* builtin_text(struct evaluator* evaluator, struct cell** arguments,
                                 size_t count) {
  struct output output = {0};
  bool appended = true;
  for (size_t i = 0; i < count && appended && output.length <= TEXT_BYTES_MAX; ++i)
    appended = append_argument(evaluator, &output, arguments[i]);
  struct cell* text = appended ? make_text(evaluator, output.bytes, output.length) : NULL;
  output_free(&output);
  return text;
}

// (text-after text prefix): what follows the prefix, #f if the text starts otherwise.
static struct cell* builtin_text_after(struct evaluator* evaluator, struct cell** arguments,
                                       size_t count) {
  (void)count;
  if (!expect(evaluator, "text-after", arguments[0], CELL_TEXT)) return NULL;
  if (!expect(evaluator, "text-after", arguments[1], CELL_TEXT)) return NULL;
  size_t length = arguments[0]->aux;
  size_t prefix_length = arguments[1]->aux;
  if (prefix_length > length) return make_truth(evaluator, false);
  char* bytes = malloc(length + 1);
  char* prefix = malloc(prefix_length + 1);
  struct cell* rest = make_truth(evaluator, false);
  if (bytes == NULL || prefix == NULL) {
    rest = fail(evaluator, "out of memory");
  } else {
    text_copy(arguments[0], bytes, length + 1);
    text_copy(arguments[1], prefix, prefix_length + 1);
    if (memcmp(bytes, prefix, prefix_length) == 0)
      rest = make_text(evaluator, bytes + prefix_length, length - prefix_length);
  }
  free(bytes);
  free(prefix);
  return rest;
}

// (text->integer text): #f unless the text is a decimal number and nothing else.
static struct cell* builtin_text_to_integer(struct evaluator* evaluator, struct cell** arguments,
                                            size_t count) {
  (void)count;
  char digits[24];
  if (!expect(evaluator, "text->integer", arguments[0], CELL_TEXT)) return NULL;
  size_t length = text_copy(arguments[0], digits, sizeof(digits));
  size_t sign = digits[0] == '-' ? 1 : 0;
  if (length == sign || length >= sizeof(digits) ||
      strspn(digits + sign, "0123456789") != length - sign)
    return make_truth(evaluator, false);
  errno = 0;
  int64_t value = strtoll(digits, NULL, 10);
  return errno == ERANGE ? make_truth(evaluator, false) : make_integer(evaluator, value);
}

static const struct builtin LIST[] = {{"cons", builtin_cons, 2, 2},
                                      {"car", builtin_car, 1, 1},
                                      {"cdr", builtin_cdr, 1, 1},
                                      {"list", builtin_list, 0, ARGUMENTS_ANY},
                                      {"length", builtin_length, 1, 1},
                                      {"null?", builtin_is_null, 1, 1},
                                      {"integer?", builtin_is_integer, 1, 1},
                                      {"not", builtin_not, 1, 1},
                                      {"text=", builtin_text_equal, 2, 2},
                                      {"text", builtin_text, 0, ARGUMENTS_ANY},
                                      {"text-after", builtin_text_after, 2, 2},
                                      {"text->integer", builtin_text_to_integer, 1, 1}};

const struct builtin_list BUILTINS_DATA = {LIST, sizeof(LIST) / sizeof(LIST[0])};
