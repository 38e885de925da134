// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_READER_H
#define MINIVALK_READER_H

#include "evaluator.h"

#define READ_DEPTH_MAX 200

struct reader {
  const char* at;
  const char* end;
  unsigned line;
};

struct reader reader_over(const char* text, size_t length);

// Skips blanks and comments. False: nothing but those is left.
bool reader_has_form(struct reader* reader);

// NULL with the evaluator's error set on malformed text.
struct cell* read_form(struct reader* reader, struct evaluator* evaluator);

#endif  // MINIVALK_READER_H
