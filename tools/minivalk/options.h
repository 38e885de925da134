// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_OPTIONS_H
#define MINIVALK_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "counters.h"

struct options {
  size_t server_count;
  uint16_t base_port;  // 0: the kernel chooses
  size_t system_count;
  char systems[SYSTEMS_MAX][NAME_BYTES_MAX];
  uint64_t arenas;  // these three per system
  uint64_t tcp_buffers;
  uint64_t connections;
  const char* script_path;  // NULL: none
};

enum options_result { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_BAD };

// Prints the help or what is wrong.
enum options_result options_parse(struct options* options, int count, char** arguments);

#endif  // MINIVALK_OPTIONS_H
