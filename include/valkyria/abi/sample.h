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
  __u64 witness;   // not 0: either may be of another function, unless both are of the same
};
VALK_ASSERT_SIZE(valk_lisp_frame, 24);

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

// What a frame of an evaluator's own stack is, by its kind, and where in it something stands that
// belongs to the text of the function that runs.
enum valk_continuation_role {
  VALK_CONTINUATION_OTHER = 0,   // tells nothing
  VALK_CONTINUATION_NODE = 1,    // has an expression
  VALK_CONTINUATION_REST = 2,    // has the rest of a list, which may be its end
  VALK_CONTINUATION_CALL = 3,    // a function was called: what lies above is of that
  VALK_CONTINUATION_BOTTOM = 4,  // the evaluator began
};
#define VALK_CONTINUATION_KINDS 16

struct valk_continuation {
  __u16 role;
  __u16 offset;  // from the frame
};

// How an evaluator that does not call itself keeps its calls: `runtime` is a pointer to what has an
// array of the threads of Lisp. What the thread library calls a thread, which is where its thread
// pointer points, stands in there, and where its own context is; in the context the stack of its
// evaluator and the expression that it evaluates. The stack has frames, one after the other, and
// their number. A frame has a kind, 4 bytes, and an environment. `runtime` 0: it has no such stack.
struct valk_evaluation {
  __u64 runtime;  // address of the pointer
  __u32 thread_bytes;
  __u32 max_threads;
  __u32 handle_offset;   // from the runtime, of the first thread
  __u32 context_offset;  // the same
  __u32 stack_offset;    // from the context
  __u32 expression_offset;
  __u32 frames_offset;  // from the stack
  __u32 count_offset;
  __u32 capacity_offset;
  __s32 outer_offset;  // to the stack of the evaluator that began this one; 0: not known
  __u32 frame_bytes;
  __u32 kind_offset;  // from a frame
  __u32 environment_offset;
  __u32 parent_offset;  // from an environment; 0 stands there where no function runs
  __u32 head_offset;    // from a part of a list, which points to an element and to the rest
  __u32 tail_offset;
  __u32 end_distances[2];  // where the last part may be, from the list's end, which was made before
  __u32 flags_offset;      // from an expression
  __u32 call_mask;         // of the flags, of an expression that is a call
  __u32 call_flags;
  __u32 pad;
  struct valk_continuation kinds[VALK_CONTINUATION_KINDS];
};
VALK_ASSERT_SIZE(valk_evaluation, 8 + 4 * 22 + 4 * VALK_CONTINUATION_KINDS);

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
  struct valk_evaluation evaluation;
};
VALK_ASSERT_SIZE(valk_sampled, 40 + 96 + 4 * VALK_CONTINUATION_KINDS);

#endif
