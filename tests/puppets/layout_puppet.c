// SPDX-License-Identifier: BSD-2-Clause
//
// Structures in every shape that a path may lead through. Run with an argument, it prints where the
// compiler put what, as the truth that debug information is compared with.
#include "layout_puppet.h"

#include <stdbool.h>

enum color { COLOR_RED, COLOR_BLUE = 7 };
enum __attribute__((packed)) tiny { TINY_ONE = 1, TINY_LAST = 200 };

typedef _Atomic uint64_t counter_u64;
typedef struct node node;
typedef node* node_pointer;
typedef const volatile node_pointer strange_pointer;
struct nowhere;  // defined in no unit

struct inner {
  uint32_t count;
  int64_t balance;
};

struct node {
  uint8_t padding;
  uint64_t value;
  node_pointer next;
  struct inner inner;
  char label[12];
};

struct everything {
  uint8_t byte;
  const uint32_t constant;
  volatile uint16_t changing;
  _Atomic uint32_t atomic;
  counter_u64 counter;
  const volatile _Atomic int64_t all_of_it;
  int8_t signed_byte;
  short signed_short;
  int signed_int;
  long signed_long;
  enum color color;
  enum tiny tiny;
  bool flag;
  char letter;
  char name[24];
  unsigned char bytes[6];
  struct inner nested;
  const struct inner constant_nested;
  struct {
    uint16_t unnamed_type;
  } unnamed;
  union {
    uint64_t whole;
    struct {
      uint32_t low;
      uint32_t high;
      union {
        uint8_t deep;
        uint16_t deeper;
      };
    };
  };
  union {
    uint64_t as_number;
    char as_text[16];
  } named_union;
  uint64_t row[7];
  counter_u64 counters[5];
  bool flags[4];
  enum tiny tinies[4];
  struct inner list[5];
  struct {
    uint32_t x[3];
    char label[10];
    struct inner pair[2];
  } cells[4];
  node_pointer head;
  struct node* const fixed;
  strange_pointer strange;
  node* heads[3];
  void* anything;
  struct nowhere* nowhere;
  void (*callback)(void);
  node** handle;
  unsigned three_bits : 3;
  int nine_bits : 9;
  uint32_t table[3][4];
  char names[3][16];
  float ratio;
  double precise;
  long double extended;
  __int128 wide;
  struct inner alone[1];
  struct {
    uint8_t first;
    uint64_t second;
  } __attribute__((packed)) tight;
  uint64_t after;
};

struct flexible {
  uint32_t count;
  uint64_t items[];
};

KEPT struct everything everything_here = {.constant = 1};
KEPT static struct everything everything_hidden = {.constant = 2};
KEPT struct flexible flexible_here = {0};
KEPT _Atomic uint64_t number = 3;
KEPT static int32_t hidden_number = -3;
KEPT bool lonely_flag = true;
KEPT char text[9] = "text";
KEPT uint16_t numbers[6] = {1};
KEPT node_pointer start_pointer;
KEPT node nodes[2];
KEPT float ratio = 1;
KEPT __thread uint64_t per_thread = 1;
KEPT struct nowhere* nowhere_pointer;
KEPT struct elsewhere* elsewhere_user;  // whose type this unit doesn't know
KEPT static uint64_t told_twice = 1;

#define HERE(member, kind)                                       \
  TELL("everything_here." #member, kind, everything_here.member, \
       offsetof(struct everything, member))
#define HIDDEN(member, kind)                                         \
  TELL("everything_hidden." #member, kind, everything_hidden.member, \
       offsetof(struct everything, member))
#define NODE(text, pointer, member, kind)                                         \
  printf("%s->%s %s %zu %zu,%zu\n", text, #member, kind, sizeof(nodes[0].member), \
         (size_t)(pointer), offsetof(node, member))
#define EACH(text, kind, element, begin, array)                                   \
  printf("%s %s %zu %zu %zu*%zu\n", text, kind, sizeof(element), (size_t)(begin), \
         sizeof((array)[0]), sizeof(array) / sizeof((array)[0]))

static void tell_members(void) {
  HERE(byte, "unsigned");
  HERE(constant, "unsigned");
  HERE(changing, "unsigned");
  HERE(atomic, "unsigned");
  HERE(counter, "unsigned");
  HERE(all_of_it, "signed");
  HERE(signed_byte, "signed");
  HERE(signed_short, "signed");
  HERE(signed_int, "signed");
  HERE(signed_long, "signed");
  HERE(color, "unsigned");
  HERE(tiny, "unsigned");
  HERE(flag, "unsigned");
  HERE(letter, "signed");
  HERE(ratio, "real");
  HERE(precise, "real");
  HERE(name, "text");
  HERE(bytes, "text");
  HERE(nested.count, "unsigned");
  HERE(nested.balance, "signed");
  HERE(constant_nested.balance, "signed");
  HERE(unnamed.unnamed_type, "unsigned");
  HERE(whole, "unsigned");
  HERE(low, "unsigned");
  HERE(high, "unsigned");
  HERE(deep, "unsigned");
  HERE(deeper, "unsigned");
  HERE(named_union.as_number, "unsigned");
  HERE(named_union.as_text, "text");
  HERE(alone[0].balance, "signed");
  HERE(tight.second, "unsigned");
  HERE(after, "unsigned");
  HIDDEN(byte, "unsigned");
  HIDDEN(after, "unsigned");
}

static void tell_elements(void) {
  HERE(row[0], "unsigned");
  HERE(row[6], "unsigned");
  HERE(counters[3], "unsigned");
  HERE(flags[3], "unsigned");
  HERE(name[5], "signed");
  HERE(list[4].balance, "signed");
  HERE(cells[2].x[1], "unsigned");
  HERE(cells[3].label, "text");
  HERE(cells[1].pair[1].balance, "signed");
  EACH("everything_here.row[]", "unsigned", everything_here.row[0],
       offsetof(struct everything, row), everything_here.row);
  EACH("everything_here.flags[]", "unsigned", everything_here.flags[0],
       offsetof(struct everything, flags), everything_here.flags);
  EACH("everything_here.list[].balance", "signed", everything_here.list[0].balance,
       offsetof(struct everything, list[0].balance), everything_here.list);
  EACH("everything_here.cells[].label", "text", everything_here.cells[0].label,
       offsetof(struct everything, cells[0].label), everything_here.cells);
  EACH("everything_here.cells[2].x[]", "unsigned", everything_here.cells[0].x[0],
       offsetof(struct everything, cells[2].x), everything_here.cells[2].x);
  EACH("everything_here.heads[]", "pointer", everything_here.heads[0],
       offsetof(struct everything, heads), everything_here.heads);
  printf("everything_here.cells[].pair[].balance signed %zu %zu %zu*4 %zu*2\n", sizeof(int64_t),
         offsetof(struct everything, cells[0].pair[0].balance), sizeof everything_here.cells[0],
         sizeof(struct inner));
  EACH("nodes[].inner.count", "unsigned", nodes[0].inner.count, offsetof(node, inner.count), nodes);
  EACH("numbers[]", "unsigned", numbers[0], 0, numbers);
}

static void tell_pointers(void) {
  HERE(head, "pointer");
  HERE(fixed, "pointer");
  HERE(anything, "pointer");
  HERE(nowhere, "pointer");
  HERE(callback, "pointer");
  HERE(heads[2], "pointer");
  NODE("everything_here.head", offsetof(struct everything, head), value, "unsigned");
  NODE("everything_here.head", offsetof(struct everything, head), label, "text");
  NODE("everything_here.fixed", offsetof(struct everything, fixed), inner.balance, "signed");
  NODE("everything_here.strange", offsetof(struct everything, strange), next, "pointer");
  NODE("everything_here.heads[1]", offsetof(struct everything, heads[1]), value, "unsigned");
  NODE("start_pointer", 0, value, "unsigned");
  printf("everything_here.head[2].value unsigned %zu %zu,%zu\n", sizeof(nodes[0].value),
         offsetof(struct everything, head), 2 * sizeof(node) + offsetof(node, value));
  printf("start_pointer->next->next->inner.balance signed %zu 0,%zu,%zu,%zu\n", sizeof(int64_t),
         offsetof(node, next), offsetof(node, next), offsetof(node, inner.balance));
}

static void tell_variables(void) {
  TELL("number", "unsigned", number, 0);
  TELL("hidden_number", "signed", hidden_number, 0);
  TELL("lonely_flag", "unsigned", lonely_flag, 0);
  TELL("text", "text", text, 0);
  TELL("text[8]", "signed", text[8], 8);
  TELL("numbers[5]", "unsigned", numbers[5], 10);
  TELL("flexible_here.count", "unsigned", flexible_here.count, 0);
  TELL("nodes[1].inner.balance", "signed", nodes[1].inner.balance,
       sizeof(node) + offsetof(node, inner.balance));
  TELL("start_pointer", "pointer", start_pointer, 0);
}

int main(int argc, char** argv) {
  (void)argv;
  if (argc < 2) return 0;
  tell_members();
  tell_elements();
  tell_pointers();
  tell_variables();
  tell_elsewhere();
  return (int)(per_thread - 1);
}
