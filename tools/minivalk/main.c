// SPDX-License-Identifier: BSD-2-Clause
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builtins.h"
#include "minivalk.h"
#include "output.h"

static struct minivalk minivalk;

static void on_signal(uv_signal_t* handle, int number) {
  (void)number;
  system_count_event(&minivalk.systems[0]);
  minivalk_stop(handle->data);
}

static bool create_lisp(void) {
  symbols_create(&minivalk.symbols);
  struct evaluator* evaluator = &minivalk.evaluator;
  if (!heap_create(&minivalk.heap, &minivalk.symbols, &minivalk_runtime.gc) ||
      !evaluator_create(evaluator, &minivalk.heap, &minivalk.symbols, &minivalk_runtime.vm)) {
    fprintf(stderr, "minivalk: out of memory for the heap\n");
    return false;
  }
  evaluator->minivalk = &minivalk;
  evaluator->system = &minivalk.systems[0];
  if (environment_create(evaluator)) return true;
  fprintf(stderr, "minivalk: create the environment: %s\n", evaluator->error);
  return false;
}

static void destroy_lisp(void) {
  symbols_destroy(&minivalk.symbols);
  evaluator_destroy(&minivalk.evaluator);
  heap_destroy(&minivalk.heap);
}

static void create_loop(void) {
  uv_loop_init(&minivalk.loop);
  uv_loop_configure(&minivalk.loop, UV_METRICS_IDLE_TIME);
  for (; minivalk.system_count < minivalk.options.system_count; ++minivalk.system_count)
    system_create(&minivalk.systems[minivalk.system_count], &minivalk,
                  minivalk.options.systems[minivalk.system_count], minivalk.system_count == 0);
  static const int NUMBERS[] = {SIGINT, SIGTERM};
  for (size_t i = 0; i < 2; ++i) {
    uv_signal_init(&minivalk.loop, &minivalk.signals[i]);
    system_count_handle(&minivalk.systems[0]);
    minivalk.signals[i].data = &minivalk;
    uv_signal_start(&minivalk.signals[i], on_signal, NUMBERS[i]);
  }
}

static bool create_servers(void) {
  const struct options* options = &minivalk.options;
  for (; minivalk.server_count < options->server_count; ++minivalk.server_count) {
    size_t index = minivalk.server_count;
    uint16_t port = options->base_port == 0 ? 0 : (uint16_t)(options->base_port + index);
    struct system* system = &minivalk.systems[index % minivalk.system_count];
    int error = server_create(&minivalk.servers[index], system, port);
    if (error == 0) continue;
    fprintf(stderr, "minivalk: listen on 127.0.0.1:%u: %s\n", port, uv_strerror(error));
    return false;
  }
  return true;
}

static void print_ready(void) {
  struct output output = {0};
  output_format(&output, "{\"ready\":true,\"pid\":%d,\"servers\":[", getpid());
  for (size_t i = 0; i < minivalk.server_count; ++i) {
    const struct server_counters* server = minivalk.servers[i].counters;
    output_format(&output,
                  "%s{\"system\":\"%s\",\"host\":\"%s\",\"port\":%" PRIu32 ",\"protocol\":\"%s\"}",
                  i > 0 ? "," : "", minivalk.servers[i].system->counters->name, server->host,
                  server->port, server->protocol);
  }
  output_format(&output, "]}");
  write_line(output.bytes, output.length);
  output_free(&output);
}

void minivalk_stop(struct minivalk* stopped) {
  if (stopped->stopping) return;
  stopped->stopping = true;
  commands_stop(&stopped->commands);
  script_stop(&stopped->script);
  for (size_t i = 0; i < stopped->server_count; ++i) server_stop(&stopped->servers[i]);
  for (size_t i = 0; i < 2; ++i)
    system_close_handle(&stopped->systems[0], &stopped->signals[i], NULL);
  for (size_t i = 0; i < stopped->system_count; ++i) system_stop(&stopped->systems[i]);
}

static void serve(void) {
  print_ready();
  if (minivalk.options.script_path != NULL) script_start(&minivalk.script, &minivalk.systems[0]);
  commands_start(&minivalk.commands, &minivalk);
}

int main(int count, char** arguments) {
  enum options_result parsed = options_parse(&minivalk.options, count, arguments);
  if (parsed != OPTIONS_RUN) return parsed == OPTIONS_HELP ? 0 : 2;
  signal(SIGPIPE, SIG_IGN);
  const char* script_path = minivalk.options.script_path;
  if (script_path != NULL && !script_load(&minivalk.script, script_path)) return 2;
  if (!create_lisp()) return 1;
  clients_create(&minivalk.clients);
  create_loop();
  bool listening = create_servers();
  if (listening)
    serve();
  else
    minivalk_stop(&minivalk);
  uv_run(&minivalk.loop, UV_RUN_DEFAULT);
  uv_loop_close(&minivalk.loop);
  clients_destroy(&minivalk.clients);
  destroy_lisp();
  script_free(&minivalk.script);
  return listening ? 0 : 1;
}
