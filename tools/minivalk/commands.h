// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_COMMANDS_H
#define MINIVALK_COMMANDS_H

#include <stdbool.h>
#include <uv.h>

#define COMMAND_BYTES_MAX 65536

struct minivalk;

// Lines on stdin, each answered with one line on stdout.
struct commands {
  struct minivalk* minivalk;
  union {
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tty_t tty;
  };
  bool open;
  bool skipping;  // the rest of a line that is too long
  size_t length;
  char input[COMMAND_BYTES_MAX];
};

void commands_start(struct commands* commands, struct minivalk* minivalk);
void commands_stop(struct commands* commands);

#endif  // MINIVALK_COMMANDS_H
