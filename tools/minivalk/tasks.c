// SPDX-License-Identifier: BSD-2-Clause
#include "tasks.h"

#include <stdio.h>
#include <stdlib.h>

#include "outermost.h"

struct task {
  uv_timer_t timer;
  struct system* system;
  struct task* next;
  struct task* previous;
  enum valkyria_eval_kind kind;
  int pin;  // keeps the function alive
};

static void on_closed(uv_handle_t* handle) {
  free(handle->data);
}

static void task_end(struct task* task) {
  struct system* system = task->system;
  if (task->previous != NULL)
    task->previous->next = task->next;
  else
    system->tasks = task->next;
  if (task->next != NULL) task->next->previous = task->previous;
  --system->task_count;
  system_close_handle(system, &task->timer, on_closed);
}

static void on_due(uv_timer_t* timer) {
  struct task* task = timer->data;
  struct evaluator* evaluator = &task->system->evaluator;
  system_count_event(task->system);
  lisp_enter(evaluator);
  struct cell* function = heap_unpin(evaluator->heap, task->pin);
  const char* name = symbol_name(evaluator->symbols, function->aux);
  struct cell* call = make_pair(evaluator, function, &evaluator->heap->nil);
  if (call == NULL ||
      evaluate_outermost(evaluator, task->kind, name != NULL ? name : "lambda", call).value == NULL)
    fprintf(stderr, "minivalk: %s: %s\n", name != NULL ? name : "lambda", evaluator->error);
  lisp_leave(evaluator);
  task_end(task);
}

bool task_start(struct evaluator* evaluator, enum valkyria_eval_kind kind, uint64_t delay_ms,
                struct cell* function) {
  struct system* system = evaluator->system;
  struct task* task = system->task_count < TASKS_MAX ? calloc(1, sizeof(*task)) : NULL;
  int pin = task != NULL ? heap_pin(evaluator->heap, function) : -1;
  if (pin < 0) {
    free(task);
    fail(evaluator, "too many timers and tasks");
    return false;
  }
  task->system = system;
  task->kind = kind;
  task->pin = pin;
  task->next = system->tasks;
  if (task->next != NULL) task->next->previous = task;
  system->tasks = task;
  ++system->task_count;
  uv_timer_init(&system->loop, &task->timer);
  system_count_handle(system);
  task->timer.data = task;
  uv_timer_start(&task->timer, on_due, delay_ms, 0);
  return true;
}

void tasks_stop(struct system* system) {
  while (system->tasks != NULL) {
    heap_unpin(system->evaluator.heap, system->tasks->pin);
    task_end(system->tasks);
  }
}
