// SPDX-License-Identifier: BSD-2-Clause
#include "options.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_DEFAULT 1024
#define POOL_MAX 65536
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_-"

static void print_help(void) {
  printf(
      "minivalk: a small stand-in for the Valkyria runtime\n"
      "\n"
      "Usage: minivalk [--servers N] [--base-port P] [--systems NAME,...] [--script FILE]\n"
      "                [--arenas N] [--tcp-buffers N] [--connections N]\n"
      "\n"
      "  --servers N         HTTP servers on 127.0.0.1, 1 to %d (default 1)\n"
      "  --base-port P       they listen on P, P+1, ...; 0: free ports (default 0)\n"
      "  --systems NAME,...  names of the AIO systems, up to %d (default main)\n"
      "  --arenas N          stream arenas of each system, one a request in progress\n"
      "  --tcp-buffers N     receive buffers of each system, one a request in progress\n"
      "  --connections N     connections of each system (default of all three: %d)\n"
      "  --script FILE       Lisp forms, evaluated one a turn of the loop\n"
      "  --help              this text\n"
      "\n"
      "A line of JSON on stdout tells when and where it serves. Commands on stdin, one answer "
      "line\n"
      "each: truth, gc, eval EXPR, fail-accept N, quit.\n"
      "Paths: / /fib?n=20 /alloc?kb=64 /slow?ms=50 /status/N /stall?ms=200 /client?name=X&ops=10\n",
      SERVERS_MAX, SYSTEMS_MAX, POOL_DEFAULT);
}

static bool parse_number(const char* text, unsigned long least, unsigned long most,
                         unsigned long* number) {
  if (*text == '\0' || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text)) return false;
  *number = strtoul(text, NULL, 10);
  return *number >= least && *number <= most;
}

static bool is_known_system(const struct options* options, const char* name, size_t length) {
  for (size_t i = 0; i < options->system_count; ++i) {
    if (strlen(options->systems[i]) == length && memcmp(options->systems[i], name, length) == 0)
      return true;
  }
  return false;
}

static bool parse_systems(struct options* options, const char* names) {
  options->system_count = 0;
  for (;;) {
    size_t length = strspn(names, NAME_CHARACTERS);
    if (length == 0 || length >= NAME_BYTES_MAX || options->system_count == SYSTEMS_MAX)
      return false;
    if (is_known_system(options, names, length)) return false;
    char* system = options->systems[options->system_count++];
    memcpy(system, names, length);
    system[length] = '\0';
    names += length;
    if (*names == '\0') return true;
    if (*names++ != ',') return false;
  }
}

static enum options_result bad(const char* option, const char* value, const char* wanted) {
  fprintf(stderr, "minivalk: %s %s: expected %s\n", option, value, wanted);
  return OPTIONS_BAD;
}

static enum options_result parse_pool(const char* option, const char* value, uint64_t* pool) {
  unsigned long number = 0;
  if (!parse_number(value, 0, POOL_MAX, &number))
    return bad(option, value, "a number from 0 to 65536");
  *pool = number;
  return OPTIONS_RUN;
}

static enum options_result parse_option(struct options* options, int option, const char* value) {
  unsigned long number = 0;
  switch (option) {
    case 'n':
      if (!parse_number(value, 1, SERVERS_MAX, &number))
        return bad("--servers", value, "a number from 1 to 16");
      options->server_count = number;
      return OPTIONS_RUN;
    case 'p':
      if (!parse_number(value, 0, 65535, &number))
        return bad("--base-port", value, "a port from 0 to 65535");
      options->base_port = (uint16_t)number;
      return OPTIONS_RUN;
    case 's':
      if (!parse_systems(options, value))
        return bad("--systems", value, "up to 8 different names of a-z 0-9 _ -");
      return OPTIONS_RUN;
    case 'a':
      return parse_pool("--arenas", value, &options->arenas);
    case 't':
      return parse_pool("--tcp-buffers", value, &options->tcp_buffers);
    case 'c':
      return parse_pool("--connections", value, &options->connections);
    case 'f':
      options->script_path = value;
      return OPTIONS_RUN;
    case 'h':
      print_help();
      return OPTIONS_HELP;
    default:
      fprintf(stderr, "minivalk: try --help\n");  // getopt has told what is wrong
      return OPTIONS_BAD;
  }
}

enum options_result options_parse(struct options* options, int count, char** arguments) {
  static const struct option LONG[] = {{"servers", required_argument, NULL, 'n'},
                                       {"base-port", required_argument, NULL, 'p'},
                                       {"systems", required_argument, NULL, 's'},
                                       {"script", required_argument, NULL, 'f'},
                                       {"arenas", required_argument, NULL, 'a'},
                                       {"tcp-buffers", required_argument, NULL, 't'},
                                       {"connections", required_argument, NULL, 'c'},
                                       {"help", no_argument, NULL, 'h'},
                                       {NULL, 0, NULL, 0}};
  memset(options, 0, sizeof(*options));
  options->server_count = 1;
  options->system_count = 1;
  options->arenas = options->tcp_buffers = options->connections = POOL_DEFAULT;
  strcpy(options->systems[0], "main");
  int option;
  while ((option = getopt_long(count, arguments, "", LONG, NULL)) != -1) {
    enum options_result result = parse_option(options, option, optarg);
    if (result != OPTIONS_RUN) return result;
  }
  if (optind < count) return bad("argument", arguments[optind], "options only, try --help");
  if (options->base_port + options->server_count > 65536)
    return bad("--base-port", "and --servers", "no port above 65535");
  return OPTIONS_RUN;
}
