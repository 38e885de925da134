// SPDX-License-Identifier: BSD-2-Clause
#include "script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outermost.h"
#include "system.h"

#define NAME_ROOM 300

static size_t read_file(const char* path, char* bytes, const char** problem) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    *problem = strerror(errno);
    return 0;
  }
  size_t length = fread(bytes, 1, SCRIPT_BYTES_MAX + 1, file);
  if (ferror(file)) *problem = strerror(errno);
  if (length > SCRIPT_BYTES_MAX) *problem = "longer than 1 MiB";
  fclose(file);
  return length;
}

bool script_load(struct script* script, const char* path) {
  const char* problem = NULL;
  script->bytes = malloc(SCRIPT_BYTES_MAX + 1);
  size_t length = 0;
  if (script->bytes == NULL)
    problem = "out of memory";
  else
    length = read_file(path, script->bytes, &problem);
  if (problem != NULL) {
    fprintf(stderr, "minivalk: read script %s: %s\n", path, problem);
    script_free(script);
    return false;
  }
  script->path = path;
  script->reader = reader_over(script->bytes, length);
  return true;
}

static void evaluate_next(struct script* script) {
  struct evaluator* evaluator = &script->system->evaluator;
  char name[NAME_ROOM];
  const char* slash = strrchr(script->path, '/');
  snprintf(name, sizeof(name), "%s:%u", slash != NULL ? slash + 1 : script->path,
           script->reader.line);
  lisp_enter(evaluator);
  struct cell* form = read_form(&script->reader, evaluator);
  bool is_readable = form != NULL;
  if (!is_readable || evaluate_outermost(evaluator, VALKYRIA_EVAL_SCRIPT, name, form).value == NULL)
    fprintf(stderr, "minivalk: %s: %s\n", name, evaluator->error);
  lisp_leave(evaluator);
  if (!is_readable) script_stop(script);  // nobody knows where the next form would begin
}

static void on_turn(uv_idle_t* idle) {
  struct script* script = idle->data;
  system_count_event(script->system);
  if (reader_has_form(&script->reader))
    evaluate_next(script);
  else
    script_stop(script);
}

void script_start(struct script* script, struct system* system) {
  script->system = system;
  uv_idle_init(&system->loop, &script->idle);
  system_count_handle(system);
  script->idle.data = script;
  script->running = true;
  uv_idle_start(&script->idle, on_turn);
}

void script_stop(struct script* script) {
  if (!script->running) return;
  script->running = false;
  system_close_handle(script->system, &script->idle, NULL);
}

void script_free(struct script* script) {
  free(script->bytes);
  script->bytes = NULL;
}
