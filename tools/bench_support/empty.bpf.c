// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// What a hit costs whatever the program does: the unit that our programs are measured in.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("uprobe")
int empty(void* ctx) {
  (void)ctx;
  return 0;
}
