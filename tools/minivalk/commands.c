// SPDX-License-Identifier: BSD-2-Clause
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "minivalk.h"
#include "outermost.h"
#include "output.h"
#include "printer.h"
#include "truth.h"

static struct system* system_of(struct commands* commands) {
  return &commands->minivalk->systems[0];
}

static void answer_truth(void) {
  struct output output = {0};
  truth_print(&output);
  write_line(output.bytes, output.length);
  output_free(&output);
}

static void answer_gc(struct minivalk* minivalk) {
  heap_request_collection(&minivalk->heap, VALKYRIA_GC_EXPLICIT);
  uint64_t cycle = minivalk->heap.request_cycle;
  heap_safe_point(&minivalk->heap);
  write_format("{\"collected\":true,\"cycle\":%" PRIu64 "}", cycle);
}

static struct cell* read_one_form(struct evaluator* evaluator, const char* text) {
  struct reader reader = reader_over(text, strlen(text));
  struct cell* form = read_form(&reader, evaluator);
  if (form != NULL && reader_has_form(&reader)) return fail(evaluator, "more than one expression");
  return form;
}

static void answer_eval(struct evaluator* evaluator, const char* text) {
  struct cell* form = read_one_form(evaluator, text);
  struct cell* value = NULL;
  if (form != NULL) value = evaluate_outermost(evaluator, VALKYRIA_EVAL_REPL, "stdin", form).value;
  if (value == NULL) {
    write_format("error: %s", evaluator->error);
    return;
  }
  struct output output = {0};
  print_value(&output, evaluator, value);
  write_line(output.bytes, output.length);
  output_free(&output);
}

static void run_command(struct commands* commands, const char* line) {
  struct minivalk* minivalk = commands->minivalk;
  if (strcmp(line, "truth") == 0) {
    answer_truth();
  } else if (strcmp(line, "gc") == 0) {
    answer_gc(minivalk);
  } else if (strncmp(line, "eval ", 5) == 0) {
    answer_eval(&minivalk->evaluator, line + 5);
  } else if (strcmp(line, "quit") == 0) {
    write_format("{\"quit\":true}");
    minivalk_stop(minivalk);
  } else {
    write_format("error: unknown command %.40s", line);
  }
}

static void drop_line(struct commands* commands) {
  if (!commands->skipping) write_format("error: line longer than %d bytes", COMMAND_BYTES_MAX - 1);
  commands->skipping = true;
  commands->length = 0;
}

static void take_line(struct commands* commands, char* line, size_t length) {
  line[length] = '\0';
  if (length > 0 && line[length - 1] == '\r') line[length - 1] = '\0';
  if (!commands->skipping) run_command(commands, line);
  commands->skipping = false;
}

static void take_lines(struct commands* commands) {
  char* start = commands->input;
  char* end = commands->input + commands->length;
  char* newline;
  while (!commands->minivalk->stopping &&
         (newline = memchr(start, '\n', (size_t)(end - start))) != NULL) {
    take_line(commands, start, (size_t)(newline - start));
    start = newline + 1;
  }
  commands->length = (size_t)(end - start);
  memmove(commands->input, start, commands->length);
  if (commands->length == COMMAND_BYTES_MAX) drop_line(commands);
}

static void on_allocate(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  struct commands* commands = handle->data;
  (void)suggested;
  *buffer = uv_buf_init(commands->input + commands->length,
                        (unsigned)(COMMAND_BYTES_MAX - commands->length));
}

// The end of stdin is not our end: whoever started us may have gone on without us.
static void on_read(uv_stream_t* stream, ssize_t length, const uv_buf_t* buffer) {
  struct commands* commands = stream->data;
  (void)buffer;
  system_count_event(system_of(commands));
  if (length < 0) {
    commands_stop(commands);
  } else if (length > 0) {
    commands->length += (size_t)length;
    take_lines(commands);
  }
}

// A file never makes us wait, so it is read on the spot.
static void run_file(struct commands* commands) {
  ssize_t length;
  while (!commands->minivalk->stopping &&
         (length = read(STDIN_FILENO, commands->input + commands->length,
                        COMMAND_BYTES_MAX - commands->length)) > 0) {
    commands->length += (size_t)length;
    take_lines(commands);
  }
}

static bool open_stream(struct commands* commands, uv_handle_type type) {
  uv_loop_t* loop = &commands->minivalk->loop;
  if (type == UV_TTY) return uv_tty_init(loop, &commands->tty, STDIN_FILENO, 1) == 0;
  if (type != UV_NAMED_PIPE) return false;
  uv_pipe_init(loop, &commands->pipe, 0);
  if (uv_pipe_open(&commands->pipe, STDIN_FILENO) == 0) return true;
  uv_close((uv_handle_t*)&commands->pipe, NULL);
  return false;
}

void commands_start(struct commands* commands, struct minivalk* minivalk) {
  commands->minivalk = minivalk;
  uv_handle_type type = uv_guess_handle(STDIN_FILENO);
  if (type == UV_FILE) {
    run_file(commands);
    return;
  }
  if (!open_stream(commands, type)) return;
  commands->open = true;
  commands->stream.data = commands;
  system_count_handle(system_of(commands));
  uv_read_start(&commands->stream, on_allocate, on_read);
}

void commands_stop(struct commands* commands) {
  if (!commands->open) return;
  commands->open = false;
  system_close_handle(system_of(commands), &commands->stream, NULL);
}
