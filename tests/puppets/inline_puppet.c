// Functions that the compiler puts into one another, with symbols where it did so. Lines are told,
// so that a test can know them.
static volatile int sink;

#define INLINED static inline __attribute__((always_inline))
#define HERE(name) \
  __asm__ volatile(".globl " #name "\n.type " #name ", @function\n" #name ":\n\tnop" ::: "memory")

#line 100
INLINED void innermost(int number) {
  sink = number;
  HERE(place_innermost);  // 102
  sink = number + 1;
}

#line 200
INLINED void middle(int number) {
  HERE(place_middle);  // 201
  innermost(number);   // 202
}

#line 300
__attribute__((noinline)) static void outermost(int number) {
  HERE(place_outermost);  // 301
  middle(number);         // 302
  sink = 0;
}

int main(int argc, char** argv) {
  (void)argv;
  outermost(argc);
  return sink;
}
