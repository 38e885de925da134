// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_SCRIPT_H
#define MINIVALK_SCRIPT_H

#include <stdbool.h>
#include <uv.h>

#include "reader.h"

#define SCRIPT_BYTES_MAX (1U << 20)

// A file of Lisp forms, evaluated one a turn of the loop.
struct script {
  const char* path;
  char* bytes;
  struct reader reader;
  struct system* system;
  uv_idle_t idle;
  bool running;
};

// False, with a message on stderr: the file can't be read.
bool script_load(struct script* script, const char* path);
void script_start(struct script* script, struct system* system);
void script_stop(struct script* script);
void script_free(struct script* script);

#endif  // MINIVALK_SCRIPT_H
