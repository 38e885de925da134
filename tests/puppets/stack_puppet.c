// Works at the end of stacks of many shapes, until it is killed. Says "ready" first.
//
// usage: stack_puppet recurse DEPTH | callback | signal | wide
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile uint64_t sink;
static volatile int goes_on = 1;

__attribute__((noinline)) static void work(void) {
  for (uint64_t i = 0; i < 1000; ++i) sink += i * i;
}

// What follows the call keeps it from being a jump.
__attribute__((noinline)) static uint64_t recurse(unsigned depth) {
  uint64_t kept[4] = {depth, sink, depth * 2u, sink};
  if (depth == 0) {
    while (goes_on) work();
    return 0;
  }
  return recurse(depth - 1) + kept[depth % 4];
}

static int compare(const void* left, const void* right) {
  work();
  return *(const int*)left - *(const int*)right;
}

// Through the C library, which has no frame pointers.
static void call_back(void) {
  int numbers[64];
  for (;;) {
    for (int i = 0; i < 64; ++i) numbers[i] = (i * 37) % 64;
    qsort(numbers, 64, sizeof(numbers[0]), compare);
  }
}

static void handle(int number) {
  (void)number;
  for (;;) work();
}

// A frame with an array that nothing was written to: pages of the stack that are not there.
__attribute__((noinline)) static uint64_t wide(void) {
  volatile char untouched[60000];
  untouched[0] = 1;
  for (;;) work();
  return (uint64_t)untouched[0];
}

int main(int argc, char** argv) {
  const char* const shape = argc > 1 ? argv[1] : "";
  puts("ready");
  fflush(stdout);
  if (strcmp(shape, "recurse") == 0 && argc > 2) return (int)recurse((unsigned)atoi(argv[2]));
  if (strcmp(shape, "callback") == 0) call_back();
  if (strcmp(shape, "wide") == 0) return (int)wide();
  if (strcmp(shape, "signal") == 0) {
    signal(SIGUSR1, handle);
    raise(SIGUSR1);
  }
  return 2;
}
