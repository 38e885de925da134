// SPDX-License-Identifier: BSD-2-Clause
#include "printer.h"

#include <inttypes.h>

#define PRINT_DEPTH_MAX 50
#define PRINT_BYTES_MAX 8192

static void print_at_depth(struct output* output, const struct evaluator* evaluator,
                           const struct cell* value, unsigned depth);

static bool is_full(const struct output* output) {
  return output->length >= PRINT_BYTES_MAX;
}

static void print_byte(struct output* output, char byte) {
  if (byte == '"' || byte == '\\')
    output_format(output, "\\%c", byte);
  else if (byte == '\n')
    output_bytes(output, "\\n", 2);
  else if ((unsigned char)byte < 0x20 || byte == 0x7f)
    output_format(output, "\\x%02x", (unsigned char)byte);
  else
    output_bytes(output, &byte, 1);
}

static void print_text(struct output* output, const struct cell* text) {
  size_t left = text->aux;
  output_bytes(output, "\"", 1);
  for (const struct cell* chunk = text->chunks; left > 0 && !is_full(output);
       chunk = chunk->chunk.next) {
    for (int i = 0; i < CHUNK_BYTES && left > 0; ++i, --left)
      print_byte(output, chunk->chunk.bytes[i]);
  }
  output_format(output, left > 0 ? "...\"" : "\"");
}

static void print_list(struct output* output, const struct evaluator* evaluator,
                       const struct cell* list, unsigned depth) {
  const char* before = "(";
  for (; list->type == CELL_PAIR; list = list->pair.tail) {
    output_format(output, "%s", before);
    if (is_full(output)) {
      output_format(output, "...");
      break;
    }
    print_at_depth(output, evaluator, list->pair.head, depth + 1);
    before = " ";
  }
  if (list->type != CELL_PAIR && list->type != CELL_NIL) {
    output_format(output, " . ");
    print_at_depth(output, evaluator, list, depth + 1);
  }
  output_format(output, ")");
}

static void print_closure(struct output* output, const struct evaluator* evaluator,
                          const struct cell* closure) {
  const char* name = symbol_name(evaluator->symbols, closure->aux);
  output_format(output, "<%s>", name != NULL ? name : "lambda");
}

static void print_at_depth(struct output* output, const struct evaluator* evaluator,
                           const struct cell* value, unsigned depth) {
  if (depth > PRINT_DEPTH_MAX) {
    output_format(output, "...");
    return;
  }
  switch ((enum cell_type)value->type) {
    case CELL_NIL:
      output_format(output, "()");
      break;
    case CELL_TRUE:
      output_format(output, "#t");
      break;
    case CELL_FALSE:
      output_format(output, "#f");
      break;
    case CELL_INTEGER:
      output_format(output, "%" PRId64, value->integer);
      break;
    case CELL_SYMBOL:
      output_format(output, "%s", value->symbol.name);
      break;
    case CELL_TEXT:
      print_text(output, value);
      break;
    case CELL_PAIR:
      print_list(output, evaluator, value, depth);
      break;
    case CELL_CLOSURE:
      print_closure(output, evaluator, value);
      break;
    case CELL_BUILTIN:
      output_format(output, "<builtin %s>", value->builtin->name);
      break;
    case CELL_FREE:
    case CELL_CHUNK:
    case CELL_SCOPE:
    case CELL_BINDING:
      output_format(output, "<cell of type %u>", value->type);
      break;
  }
}

void print_value(struct output* output, const struct evaluator* evaluator,
                 const struct cell* value) {
  print_at_depth(output, evaluator, value, 0);
}
