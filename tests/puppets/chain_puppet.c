// Keeps Lisp frames as runtimes do, right or wrong, and works on its processor until it is killed.
// Says first where they are: "THREADS RUNTIME", for a chain and for an evaluator's own stack, with
// the members below in their order.
//
// usage: chain_puppet whole|deep|nameless|cycle|backwards|unaligned|unmapped|nowhere|lost
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES 20000
#define WHOLE 20

// A chain.
struct frame {
  struct frame* caller;
  const char* function;
};
struct thread {
  struct frame* frames;
  uint32_t number;
};

// An evaluator's own stack. Kinds are 0 of an expression, 1 of a call, 2 of the begin.
struct environment {
  void* parent;
};
struct continuation {
  uint32_t kind;
  struct environment* environment;
  const void* expression;
};
struct stack {
  struct continuation* frames;
  uint64_t count;
  uint64_t capacity;
};
struct context {
  struct stack* stack;
  void* expression;
};
struct runtime {
  uintptr_t handle;
  struct context* context;
};

static struct frame frames[FRAMES];
static struct thread thread;
static struct thread* threads[4];
static struct environment environment = {&environment};
static struct continuation continuations[2 * FRAMES + 1];
static struct stack stack = {continuations, 2 * WHOLE + 1, 2 * FRAMES + 1};
static struct context context = {&stack, NULL};
static struct runtime runtime;
static struct runtime* runtime_pointer = &runtime;

// An address where nothing is, and where something was mapped.
static void* unmapped(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  void* const place = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) abort();
  return place;
}

static void fill(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    frames[i].caller = i + 1 < count ? &frames[i + 1] : NULL;
    frames[i].function = "function";
  }
  thread.frames = frames;
  thread.number = (uint32_t)getpid();
  threads[1] = &thread;
  continuations[0] = (struct continuation){2, &environment, NULL};
  for (size_t i = 1; i <= 2 * count; i += 2) {
    continuations[i] = (struct continuation){1, &environment, NULL};
    continuations[i + 1] = (struct continuation){0, &environment, frames};
  }
  stack.count = 2 * count + 1;
  runtime.handle = (uintptr_t)pthread_self();
  runtime.context = &context;
}

static bool spoil(const char* how) {
  struct frame* const last = &frames[WHOLE - 1];
  if (strcmp(how, "whole") == 0) return true;
  if (strcmp(how, "deep") == 0) {
    fill(FRAMES);
  } else if (strcmp(how, "nameless") == 0) {
    fill(FRAMES);
    for (size_t i = 0; i < FRAMES; ++i) frames[i].function = NULL;
  } else if (strcmp(how, "cycle") == 0) {
    last->caller = frames;
  } else if (strcmp(how, "backwards") == 0) {
    last->caller = &frames[WHOLE - 2];
  } else if (strcmp(how, "unaligned") == 0) {
    last->caller = (struct frame*)((char*)&frames[WHOLE] + 3);
  } else if (strcmp(how, "unmapped") == 0) {
    // Above all frames, as a caller's is.
    last->caller = (struct frame*)(UINTPTR_MAX / 2 & ~(uintptr_t)0xfff);
    stack.count = UINT64_MAX / sizeof(struct continuation) / 2;
  } else if (strcmp(how, "nowhere") == 0) {
    thread.frames = unmapped();
    stack.frames = unmapped();
  } else if (strcmp(how, "lost") == 0) {
    threads[1] = unmapped();
    context.stack = unmapped();
  } else {
    return false;
  }
  return true;
}

int main(int argc, char** argv) {
  fill(WHOLE);
  if (argc != 2 || !spoil(argv[1])) return 2;
  printf("%llu %llu\n", (unsigned long long)(uintptr_t)threads,
         (unsigned long long)(uintptr_t)&runtime_pointer);
  fflush(stdout);
  for (volatile uint64_t work = 0;; ++work) {
  }
}
