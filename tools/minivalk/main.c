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
  bool created = heap_create(&minivalk.heap, &minivalk.symbols, &minivalk_runtime.gc);
  for (size_t i = 0; i < minivalk.options.system_count && created; ++i) {
    created = system_create(&minivalk.systems[i], &minivalk, minivalk.options.systems[i]);
    minivalk.system_count += created;
  }
  if (!created) {
    fprintf(stderr, "minivalk: out of memory for the heap\n");
    return false;
  }
  struct evaluator* evaluator = &minivalk.systems[0].evaluator;
  if (environment_create(evaluator)) return true;
  fprintf(stderr, "minivalk: create the environment: %s\n", evaluator->error);
  return false;
}

static void destroy_lisp(void) {
  symbols_destroy(&minivalk.symbols);
  for (size_t i = 0; i < minivalk.system_count; ++i) system_destroy(&minivalk.systems[i]);
  heap_destroy(&minivalk.heap);
}

static void watch_signals(void) {
  static const int NUMBERS[] = {SIGINT, SIGTERM};
  for (size_t i = 0; i < 2; ++i) {
    uv_signal_init(&minivalk.systems[0].loop, &minivalk.signals[i]);
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
  for (size_t i = 1; i < stopped->system_count; ++i) system_join(&stopped->systems[i]);
  commands_stop(&stopped->commands);
  script_stop(&stopped->script);
  for (size_t i = 0; i < 2; ++i)
    system_close_handle(&stopped->systems[0], &stopped->signals[i], NULL);
  system_stop(&stopped->systems[0]);
}

static bool start_threads(void) {
  for (size_t i = 1; i < minivalk.system_count; ++i) {
    if (system_start(&minivalk.systems[i])) continue;
    fprintf(stderr, "minivalk: no thread for the system %s\n", minivalk.options.systems[i]);
    return false;
  }
  return true;
}

static void serve(void) {
  print_ready();
  if (minivalk.options.script_path != NULL) script_start(&minivalk.script, &minivalk.systems[0]);
  commands_start(&minivalk.commands);
}

int main(int count, char** arguments) {
  enum options_result parsed = options_parse(&minivalk.options, count, arguments);
  if (parsed != OPTIONS_RUN) return parsed == OPTIONS_HELP ? 0 : 2;
  signal(SIGPIPE, SIG_IGN);
  const char* script_path = minivalk.options.script_path;
  if (script_path != NULL && !script_load(&minivalk.script, script_path)) return 2;
  if (!create_lisp()) return 1;
  clients_create(&minivalk.clients);
  uv_barrier_init(&minivalk.thread_started, 2);
  commands_create(&minivalk.commands, &minivalk);
  watch_signals();
  bool serving = create_servers() && start_threads();
  if (serving)
    serve();
  else
    minivalk_stop(&minivalk);
  system_run(&minivalk.systems[0]);
  uv_barrier_destroy(&minivalk.thread_started);
  clients_destroy(&minivalk.clients);
  destroy_lisp();
  script_free(&minivalk.script);
  return serving ? 0 : 1;
}
