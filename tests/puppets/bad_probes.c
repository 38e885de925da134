// SPDX-License-Identifier: BSD-2-Clause
//
// A binary whose probes break the contract, each in its own way; overload alone keeps it. Waits
// for the end of stdin.
#include <valkyria/probes.h>

#include <stdio.h>

// A site as <sys/sdt.h> writes it, but with an instruction and operands of our own.
#define SITE(name, instruction, operands)                    \
  __asm__("990: " instruction                                \
          "\n"                                               \
          ".pushsection .note.stapsdt,\"?\",\"note\"\n"      \
          ".balign 4\n"                                      \
          ".4byte 992f-991f, 994f-993f, 3\n"                 \
          "991: .asciz \"stapsdt\"\n"                        \
          "992: .balign 4\n"                                 \
          "993: .8byte 990b, _.stapsdt.base, valkyria_" name \
          "_semaphore\n"                                     \
          ".asciz \"valkyria\"\n"                            \
          ".asciz \"" name                                   \
          "\"\n"                                             \
          ".asciz \"" operands                               \
          "\"\n"                                             \
          "994: .balign 4\n"                                 \
          ".popsection\n")

static const char name[] = "main";

int main(void) {
  if (VALKYRIA_ENABLED(gc__begin))
    SITE("gc__begin", "nop", "8@%rdi 8@%rsi 8@%rdx 8@%rcx 8@%r8 8@16(%rsp)");
  if (VALKYRIA_ENABLED(gc__end)) {
    SITE("gc__end", ".byte 0x0f, 0x1f, 0x44, 0x00, 0x00",
         "8@%rdi 8@%rsi 8@%rdx 8@%rcx 8@%r8 8@%r9");
  }
  if (VALKYRIA_ENABLED(gc__request)) SITE("gc__request", "nop", "8@%rdi 8@sym(%rip) 8@%rdx");
  VALKYRIA_OVERLOAD(1, name, 1, name, 1, 0, 1);
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return 0;
}
