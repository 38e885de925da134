// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_COMMANDS_H
#define MINIVALK_COMMANDS_H

#include <stdbool.h>
#include <uv.h>

#include "settle.h"

#define COMMAND_BYTES_MAX 65536

struct minivalk;

// Lines on stdin, each answered with one line on stdout, in order. `truth` is answered between two
// turns of the first loop, so that the answer has every turn before it and makes none longer.
struct commands {
  struct minivalk* minivalk;
  struct settle settle;  // before the truth is told
  union {
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tty_t tty;
  };
  bool open;
  bool from_file;
  bool skipping;  // the rest of a line that is too long
  size_t length;
  char input[COMMAND_BYTES_MAX];
};

void commands_create(struct commands* commands, struct minivalk* minivalk);
void commands_start(struct commands* commands);
void commands_stop(struct commands* commands);

// Answers what waits for the end of a turn. False: nothing did.
bool commands_between_turns(struct commands* commands);

// With the lines that waited for that answer.
void commands_go_on(struct commands* commands);

#endif  // MINIVALK_COMMANDS_H
