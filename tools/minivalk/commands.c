// SPDX-License-Identifier: BSD-2-Clause
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

static void ask_for_truth(struct commands* commands) {
  if (commands->from_file) {  // nothing runs yet
    answer_truth();
    return;
  }
  if (commands->open) uv_read_stop(&commands->stream);
  settle_begin(&commands->settle);
}

static void answer_gc(struct evaluator* evaluator) {
  lisp_enter(evaluator);
  uint64_t cycle = heap_request_collection(evaluator->heap, VALKYRIA_GC_EXPLICIT);
  heap_safe_point(evaluator->heap, &evaluator->mutator);
  lisp_leave(evaluator);
  write_format("{\"collected\":true,\"cycle\":%" PRIu64 "}", cycle);
}

static struct cell* read_one_form(struct evaluator* evaluator, const char* text) {
  struct reader reader = reader_over(text, strlen(text));
  struct cell* form = read_form(&reader, evaluator);
  if (form != NULL && reader_has_form(&reader)) return fail(evaluator, "more than one expression");
  return form;
}

static void answer_eval(struct evaluator* evaluator, const char* text) {
  struct output output = {0};
  lisp_enter(evaluator);
  struct cell* form = read_one_form(evaluator, text);
  struct cell* value = NULL;
  if (form != NULL) value = evaluate_outermost(evaluator, VALKYRIA_EVAL_REPL, "stdin", form).value;
  if (value != NULL)
    print_value(&output, evaluator, value);
  else
    output_format(&output, "error: %s", evaluator->error);
  lisp_leave(evaluator);
  write_line(output.bytes, output.length);
  output_free(&output);
}

static void answer_fail_accept(struct minivalk* minivalk, const char* number) {
  size_t length = strlen(number);
  if (length == 0 || length > 9 || strspn(number, "0123456789") != length) {
    write_format("error: fail-accept: expected a number");
    return;
  }
  atomic_store(&minivalk->accepts_to_fail, (uint32_t)strtoul(number, NULL, 10));
  write_format("{\"accepts_to_fail\":%s}", number);
}

static void run_command(struct commands* commands, const char* line) {
  struct minivalk* minivalk = commands->minivalk;
  struct evaluator* evaluator = &system_of(commands)->evaluator;
  if (strcmp(line, "truth") == 0) {
    ask_for_truth(commands);
  } else if (strcmp(line, "gc") == 0) {
    answer_gc(evaluator);
  } else if (strncmp(line, "eval ", 5) == 0) {
    answer_eval(evaluator, line + 5);
  } else if (strncmp(line, "fail-accept ", 12) == 0) {
    answer_fail_accept(minivalk, line + 12);
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
  while (!commands->minivalk->stopping && !commands->settle.waiting &&
         (newline = memchr(start, '\n', (size_t)(end - start))) != NULL) {
    take_line(commands, start, (size_t)(newline - start));
    start = newline + 1;
  }
  commands->length = (size_t)(end - start);
  memmove(commands->input, start, commands->length);
  if (commands->length == COMMAND_BYTES_MAX && !commands->settle.waiting) drop_line(commands);
}

static void on_allocate(uv_handle_t* handle, size_t suggested, uv_buf_t* buffer) {
  struct commands* commands = handle->data;
  (void)suggested;
  *buffer = uv_buf_init(commands->input + commands->length,
                        (unsigned)(COMMAND_BYTES_MAX - commands->length));
}

static void close_stream(struct commands* commands) {
  if (!commands->open) return;
  commands->open = false;
  system_close_handle(system_of(commands), &commands->stream, NULL);
}

// The end of stdin is not our end: whoever started us may have gone on without us.
static void on_read(uv_stream_t* stream, ssize_t length, const uv_buf_t* buffer) {
  struct commands* commands = stream->data;
  (void)buffer;
  system_count_event(system_of(commands));
  if (length < 0) {
    close_stream(commands);
  } else if (length > 0) {
    commands->length += (size_t)length;
    take_lines(commands);
  }
}

// A file never makes us wait, so it is read on the spot.
static void run_file(struct commands* commands) {
  commands->from_file = true;
  ssize_t length;
  while (!commands->minivalk->stopping &&
         (length = read(STDIN_FILENO, commands->input + commands->length,
                        COMMAND_BYTES_MAX - commands->length)) > 0) {
    commands->length += (size_t)length;
    take_lines(commands);
  }
}

static bool open_stream(struct commands* commands, uv_handle_type type) {
  uv_loop_t* loop = &system_of(commands)->loop;
  if (type == UV_TTY) return uv_tty_init(loop, &commands->tty, STDIN_FILENO, 1) == 0;
  if (type != UV_NAMED_PIPE) return false;
  uv_pipe_init(loop, &commands->pipe, 0);
  if (uv_pipe_open(&commands->pipe, STDIN_FILENO) == 0) return true;
  uv_close((uv_handle_t*)&commands->pipe, NULL);
  return false;
}

void commands_create(struct commands* commands, struct minivalk* minivalk) {
  commands->minivalk = minivalk;
  settle_create(&commands->settle, minivalk);
}

void commands_start(struct commands* commands) {
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
  close_stream(commands);
  settle_stop(&commands->settle);
}

bool commands_between_turns(struct commands* commands) {
  if (!settle_is_over(&commands->settle)) return false;
  answer_truth();
  if (commands->open) uv_read_start(&commands->stream, on_allocate, on_read);
  if (commands->length > 0) uv_async_send(&system_of(commands)->wake);
  return true;
}

void commands_go_on(struct commands* commands) {
  if (!commands->settle.waiting) take_lines(commands);
}
