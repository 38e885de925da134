// SPDX-License-Identifier: BSD-2-Clause
#include "reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lisp_text.h"

#define INTEGER_BYTES_MAX 24

static struct cell* read_at_depth(struct reader* reader, struct evaluator* evaluator,
                                  unsigned depth);

struct reader reader_over(const char* text, size_t length) {
  return (struct reader){text, text + length, 1};
}

bool reader_has_form(struct reader* reader) {
  for (; reader->at < reader->end; ++reader->at) {
    if (*reader->at == ';') {
      while (reader->at < reader->end && *reader->at != '\n') ++reader->at;
      if (reader->at == reader->end) return false;
    }
    if (*reader->at == '\n') ++reader->line;
    if (!isspace((unsigned char)*reader->at)) return true;
  }
  return false;
}

static bool is_delimiter(char byte) {
  return isspace((unsigned char)byte) || strchr("()\"';", byte) != NULL;
}

// A list is read front to back; `last` is where the next pair goes.
static struct cell* read_list(struct reader* reader, struct evaluator* evaluator, unsigned depth) {
  struct cell* list = &evaluator->heap->nil;
  struct cell** last = &list;
  while (reader_has_form(reader)) {
    if (*reader->at == ')') {
      ++reader->at;
      return list;
    }
    struct cell* element = read_at_depth(reader, evaluator, depth + 1);
    if (element == NULL) return NULL;
    *last = make_pair(evaluator, element, &evaluator->heap->nil);
    if (*last == NULL) return NULL;
    last = &(*last)->pair.tail;
  }
  return fail(evaluator, "line %u: a list is not closed", reader->line);
}

static struct cell* read_quoted(struct reader* reader, struct evaluator* evaluator,
                                unsigned depth) {
  struct cell* quote = symbol_intern(evaluator, "quote", 5);
  if (quote == NULL) return NULL;
  if (!reader_has_form(reader)) return fail(evaluator, "line %u: nothing quoted", reader->line);
  struct cell* quoted = read_at_depth(reader, evaluator, depth + 1);
  if (quoted == NULL) return NULL;
  struct cell* list = make_pair(evaluator, quoted, &evaluator->heap->nil);
  return list != NULL ? make_pair(evaluator, quote, list) : NULL;
}

static char unescape(char byte) {
  if (byte == 'n') return '\n';
  return byte == 't' ? '\t' : byte;
}

static struct cell* read_text(struct reader* reader, struct evaluator* evaluator) {
  const char* start = reader->at;
  size_t length = 0;
  char* bytes = malloc((size_t)(reader->end - start) + 1);
  if (bytes == NULL) return fail(evaluator, "out of memory");
  while (reader->at < reader->end && *reader->at != '"') {
    if (*reader->at == '\n') ++reader->line;
    bool escaped = *reader->at == '\\' && reader->at + 1 < reader->end;
    if (escaped) ++reader->at;
    bytes[length++] = escaped ? unescape(*reader->at) : *reader->at;
    ++reader->at;
  }
  struct cell* text = NULL;
  if (reader->at == reader->end)
    fail(evaluator, "line %u: a text is not closed", reader->line);
  else
    text = make_text(evaluator, bytes, length);
  if (text != NULL) ++reader->at;
  free(bytes);
  return text;
}

static struct cell* read_integer(struct evaluator* evaluator, const char* word, size_t length) {
  char copy[INTEGER_BYTES_MAX];
  if (length >= sizeof(copy)) return fail(evaluator, "integer too long");
  memcpy(copy, word, length);
  copy[length] = '\0';
  char* end;
  errno = 0;
  int64_t value = strtoll(copy, &end, 10);
  if (*end != '\0') return fail(evaluator, "not an integer: %s", copy);
  if (errno == ERANGE) return fail(evaluator, "integer out of range: %s", copy);
  return make_integer(evaluator, value);
}

static struct cell* read_word(struct reader* reader, struct evaluator* evaluator) {
  const char* word = reader->at;
  while (reader->at < reader->end && !is_delimiter(*reader->at)) ++reader->at;
  size_t length = (size_t)(reader->at - word);
  bool sign = (*word == '-' || *word == '+') && length > 1;
  if (isdigit((unsigned char)word[sign ? 1 : 0])) return read_integer(evaluator, word, length);
  if (length == 2 && memcmp(word, "#t", 2) == 0) return &evaluator->heap->yes;
  if (length == 2 && memcmp(word, "#f", 2) == 0) return &evaluator->heap->no;
  if (length == 3 && memcmp(word, "nil", 3) == 0) return &evaluator->heap->nil;
  return symbol_intern(evaluator, word, length);
}

static struct cell* read_at_depth(struct reader* reader, struct evaluator* evaluator,
                                  unsigned depth) {
  if (depth > READ_DEPTH_MAX) return fail(evaluator, "line %u: nested too deep", reader->line);
  switch (*reader->at) {
    case '\0':
      return fail(evaluator, "line %u: a NUL byte", reader->line);
    case '(':
      ++reader->at;
      return read_list(reader, evaluator, depth);
    case ')':
      return fail(evaluator, "line %u: unexpected )", reader->line);
    case '\'':
      ++reader->at;
      return read_quoted(reader, evaluator, depth);
    case '"':
      ++reader->at;
      return read_text(reader, evaluator);
    default:
      return read_word(reader, evaluator);
  }
}

struct cell* read_form(struct reader* reader, struct evaluator* evaluator) {
  if (!reader_has_form(reader)) return fail(evaluator, "nothing to read");
  return read_at_depth(reader, evaluator, 0);
}
