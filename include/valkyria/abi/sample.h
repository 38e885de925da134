// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Ring buffer "samples": where a thread of a watched process was when a processor's clock ticked.
// Loaded only while somebody profiles.
#ifndef VALKYRIA_ABI_SAMPLE_H
#define VALKYRIA_ABI_SAMPLE_H

#include <linux/types.h>
#include <valkyria/abi/assert.h>
#include <valkyria/abi/limits.h>

// The stack is copied from a little below its pointer: where a function ends, its call-frame rows
// still point at what was popped (the x86-64 red zone is as large).
#define VALK_RED_ZONE_BYTES 128

// What a sample may have of a stack; the exporter chooses up to it.
#define VALK_MAX_STACK_BYTES (256 * 1024)

// Frames of the Lisp evaluator that are told beside the stack, the innermost first: those in which
// a named function runs. The evaluator has others between them, which are looked at, too.
#define VALK_MAX_LISP_FRAMES 1024
#define VALK_MAX_LISP_STEPS 8192

struct valk_lisp_frame {
  __u64 address;   // where the runtime keeps it
  __u64 function;  // what stands in it for the function
};
VALK_ASSERT_SIZE(valk_lisp_frame, 16);

// Of x86-64, as DWARF numbers them; the last is the instruction pointer.
#define VALK_REGISTERS 17

enum valk_sample_flags {
  VALK_SAMPLE_IN_KERNEL = 1,    // the thread was in a system call or a fault
  VALK_SAMPLE_IN_PAUSE = 2,     // a collection that stops the world was open
  VALK_SAMPLE_COLLECTS = 4,     // and this thread runs it
  VALK_SAMPLE_LISP_CUT = 8,     // the evaluator has more frames than were read
  VALK_SAMPLE_LISP_BROKEN = 16  // its chain could not be followed to the end
};

// Followed by `lisp_frames` struct valk_lisp_frame, then by `stack_bytes` bytes of the stack from
// `stack_address` on. Bytes that could not be read are zero.
struct valk_sample {
  __u32 slot;
  __u32 thread;  // as the kernel numbers it for all of the machine
  __u64 time_ns;
  __u64 registers[VALK_REGISTERS];
  __u64 stack_address;
  __u32 stack_bytes;
  __u32 lisp_frames;
  __u32 flags;
  __u32 pad;
};
VALK_ASSERT_SIZE(valk_sample, 8 * 2 + 8 * VALK_REGISTERS + 8 + 16);

// Map "sampled", an array by slot: whether and how a target is sampled. Written by the exporter.
//
// The chain of evaluator frames of an instrumented runtime: `threads` is an array of pointers to
// what the runtime keeps of each Lisp thread; where the number of the thread stands in it is told,
// and where its innermost frame; a frame points to its caller, and to the name of its function.
// `threads` 0: no such chain is known.
struct valk_sampled {
  __u32 is_wanted;
  __u32 stack_bytes;
  __u64 threads;  // address
  __u32 max_threads;
  __u32 thread_offset;    // from what is kept of a thread
  __u32 frames_offset;    // from what is kept of a thread
  __u32 caller_offset;    // from a frame
  __u32 function_offset;  // from a frame
  __u32 pad;
};
VALK_ASSERT_SIZE(valk_sampled, 40);

#endif
