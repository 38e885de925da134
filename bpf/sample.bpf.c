// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// Takes a sample of each processor's clock where a thread of a sampled target runs: its registers,
// a bounded copy of its stack, and the frames of the Lisp evaluator where the runtime keeps them in
// a chain. What a thread's stack says later is another story, so nothing of it is read later.
//
// Loaded only while somebody profiles.
#include <valkyria/abi/event.h>
#include <valkyria/abi/sample.h>

#include "process_events.bpf.h"

#include <linux/bpf_perf_event.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define VALK_PAGE_BYTES 4096
#define VALK_LISP_BYTES (VALK_MAX_LISP_FRAMES * sizeof(struct valk_lisp_frame))
#define VALK_DATA_BYTES (VALK_LISP_BYTES + VALK_MAX_STACK_BYTES)

// So many pages in a row that can't be read are the end of a stack.
#define VALK_MAX_MISSING_PAGES 16

// Functions of one thread that a probe waits for to return, one called by the other: more are
// enough for a stack that is cut anyway.
#define VALK_MAX_PROBED_RETURNS 256
// Of the kernel's page in a process for what probes take: the trampoline has the first slot, the
// others have copies of probed instructions.
#define VALK_UPROBE_SLOT_BYTES 128

// Of <linux/sched.h>, <linux/pid.h>, <linux/uprobes.h>, kernel/events/uprobes.c and
// <asm/processor.h>, found where they are by CO-RE.
struct upid {
  int nr;
} __attribute__((preserve_access_index));

struct pid {
  unsigned int level;
  struct upid numbers[1];
} __attribute__((preserve_access_index));

struct thread_struct {
  unsigned long fsbase;
} __attribute__((preserve_access_index));

struct return_instance {
  unsigned long stack;
  unsigned long orig_ret_vaddr;
  struct return_instance* next;
} __attribute__((preserve_access_index));

struct uprobe_task {
  struct return_instance* return_instances;
  unsigned long vaddr;      // of the probed instruction that is being stepped over
  unsigned long xol_vaddr;  // where it stands meanwhile
} __attribute__((preserve_access_index));

struct xol_area {
  unsigned long vaddr;
} __attribute__((preserve_access_index));

struct uprobes_state {
  struct xol_area* xol_area;
} __attribute__((preserve_access_index));

struct mm_struct {
  struct uprobes_state uprobes_state;
} __attribute__((preserve_access_index));

struct task_struct {
  struct pid* thread_pid;
  struct mm_struct* mm;
  struct uprobe_task* utask;
  struct thread_struct thread;
} __attribute__((preserve_access_index));

// What has become of a look at an evaluator's own stack (evaluation.bpf.h). In here, since the
// verifier follows each value that stands in a program's stack, and never ends.
struct evaluating {
  __u64 handle;   // of the thread that is looked for
  __u64 context;  // where its own is looked for
  __u64 stack;
  __u64 inner;
  __u64 frames;
  __u64 left;      // of these
  __u64 node;      // the innermost element of a list in this call
  __u64 end;       // the innermost end of a list
  __u64 function;  // by the hints, where there is neither
  __u64 witness;
  __u64 frame_environment;  // of the frame that was taken off the stack
  __u32 in_call;            // frames of this call so far
  __u32 told;
  __u32 is_broken;
  __u32 pad;
};

// Where a sample is put together: too large for the stack, and for a value of a per-CPU map. An
// entry a processor, by its number: a tick does not interrupt another one of its processor.
struct valk_sample_space {
  struct valk_sample head;
  // A page more: the bounds that the verifier sees are coarse.
  __u8 data[VALK_DATA_BYTES + VALK_PAGE_BYTES];
  struct evaluating evaluating;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);  // processors; set before load
  __type(key, __u32);
  __type(value, struct valk_sample_space);
} sample_spaces SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, VALK_SAMPLES_BYTES);
} samples SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, VALK_USUAL_SLOTS);
  __type(key, __u32);
  __type(value, struct valk_sampled);
} sampled SEC(".maps");

// That of the object probes, where the group gc is loaded; otherwise nobody writes it.
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, VALK_USUAL_SLOTS);
  __type(key, __u32);
  __type(value, struct valk_pauses);
} pauses SEC(".maps");

// The number by which the thread knows itself: in a container another one than the machine's.
static __always_inline __u32 own_number_of(struct task_struct* task) {
  struct pid* pid = BPF_CORE_READ(task, thread_pid);
  unsigned int level = BPF_CORE_READ(pid, level);
  struct upid number = {};

  if (level > 32) return 0;
  bpf_core_read(&number.nr, sizeof(number.nr),
                (const void*)&pid->numbers[0].nr + level * bpf_core_type_size(struct upid));
  return (__u32)number.nr;
}

static __always_inline void read_registers(struct valk_sample* sample, struct task_struct* task) {
  struct pt_regs* user = (struct pt_regs*)bpf_task_pt_regs(task);

  sample->registers[0] = user->rax;
  sample->registers[1] = user->rdx;
  sample->registers[2] = user->rcx;
  sample->registers[3] = user->rbx;
  sample->registers[4] = user->rsi;
  sample->registers[5] = user->rdi;
  sample->registers[6] = user->rbp;
  sample->registers[7] = user->rsp;
  sample->registers[8] = user->r8;
  sample->registers[9] = user->r9;
  sample->registers[10] = user->r10;
  sample->registers[11] = user->r11;
  sample->registers[12] = user->r12;
  sample->registers[13] = user->r13;
  sample->registers[14] = user->r14;
  sample->registers[15] = user->r15;
  sample->registers[16] = user->rip;
}

// What goes on from one Lisp thread, or frame, to the next.
struct walking {
  struct valk_sample_space* space;
  const struct valk_sampled* sampled;
  __u64 at;         // a frame
  __u32 thread;     // that is looked for
  __u32 frames;     // so far
  __u32 is_broken;  // the chain leads to where no frame can be
};

static long find_thread(__u32 index, void* context) {
  struct walking* walking = context;
  const struct valk_sampled* sampled = walking->sampled;
  __u64 kept = 0;
  __u32 thread = 0;

  if (bpf_probe_read_user(&kept, sizeof(kept), (const void*)(sampled->threads + 8ULL * index)) ||
      kept == 0)
    return 0;
  if (bpf_probe_read_user(&thread, sizeof(thread), (const void*)(kept + sampled->thread_offset))) {
    walking->is_broken = 1;  // unless another one is the thread
    return 0;
  }
  if (thread != walking->thread) return 0;
  walking->is_broken = 0;
  if (bpf_probe_read_user(&walking->at, sizeof(walking->at),
                          (const void*)(kept + sampled->frames_offset)))
    walking->is_broken = 1;
  return 1;
}

// Frames stand in the thread's stack, which grows downwards: a caller's is further up, and what is
// made up to go round in circles ends.
static long read_frame(__u32 index, void* context) {
  struct walking* walking = context;
  const struct valk_sampled* sampled = walking->sampled;
  struct valk_lisp_frame frame = {.address = walking->at};
  __u32 place = walking->frames;

  (void)index;
  if (walking->at == 0 || place >= VALK_MAX_LISP_FRAMES) return 1;
  if (bpf_probe_read_user(&frame.function, sizeof(frame.function),
                          (const void*)(walking->at + sampled->function_offset)) ||
      bpf_probe_read_user(&walking->at, sizeof(walking->at),
                          (const void*)(walking->at + sampled->caller_offset))) {
    walking->is_broken = 1;
    return 1;
  }
  if (walking->at != 0 && (walking->at <= frame.address || (walking->at & 7) != 0))
    walking->is_broken = 1;
  if (frame.function != 0) {  // otherwise it goes on for the function of its caller
    *(struct valk_lisp_frame*)(walking->space->data + sizeof(frame) * place) = frame;
    walking->frames = place + 1;
  }
  return walking->is_broken;
}

static __always_inline void read_lisp_frames(struct valk_sample_space* space,
                                             const struct valk_sampled* sampled, __u32 thread) {
  struct walking walking = {.space = space, .sampled = sampled, .thread = thread};

  if (sampled->threads == 0) return;
  bpf_loop(sampled->max_threads < 256 ? sampled->max_threads : 256, find_thread, &walking, 0);
  if (!walking.is_broken) bpf_loop(VALK_MAX_LISP_STEPS, read_frame, &walking, 0);
  space->head.lisp_frames = walking.frames;
  if (walking.is_broken)
    space->head.flags |= VALK_SAMPLE_LISP_BROKEN;
  else if (walking.at != 0)
    space->head.flags |= VALK_SAMPLE_LISP_CUT;
}

#include "evaluation.bpf.h"

// What goes on from one piece of a stack to the next.
struct copying {
  struct valk_sample_space* space;
  __u64 address;
  __u32 base;     // where in `data` the stack begins
  __u32 wanted;   // bytes
  __u32 done;     // bytes that were looked at
  __u32 end;      // of the last piece that could be read
  __u32 missing;  // pages in a row that could not
};

// A page at a time, since each may be missing: below the stack pointer, or in a frame with a large
// array that nothing was written to. So one that can't be read, which becomes zeros, is not the
// end.
static long copy_page(__u32 index, void* context) {
  struct copying* copying = context;
  __u32 at = copying->base + copying->done;
  __u32 bytes =
      VALK_PAGE_BYTES - (__u32)((copying->address + copying->done) & (VALK_PAGE_BYTES - 1));

  (void)index;
  if (copying->done >= copying->wanted || at > VALK_DATA_BYTES) return 1;
  if (bytes > VALK_PAGE_BYTES) return 1;
  if (bpf_probe_read_user(copying->space->data + at, bytes,
                          (const void*)(copying->address + copying->done)) == 0) {
    copying->end = copying->done + bytes;
    copying->missing = 0;
  } else if (copying->end != 0 && ++copying->missing > VALK_MAX_MISSING_PAGES) {
    return 1;
  }
  copying->done += bytes;
  return 0;
}

static __always_inline void copy_stack(struct valk_sample_space* space, __u32 wanted) {
  struct copying copying = {.space = space,
                            .address = (space->head.registers[7] - VALK_RED_ZONE_BYTES) & ~7ULL,
                            .base = space->head.lisp_frames * sizeof(struct valk_lisp_frame),
                            .wanted = wanted};

  bpf_loop(VALK_MAX_STACK_BYTES / VALK_PAGE_BYTES + 2, copy_page, &copying, 0);
  space->head.stack_address = copying.address;
  space->head.stack_bytes = copying.end < wanted ? copying.end : wanted;
}

// What goes on from one function that is waited for to the next, which has called it.
struct restoring {
  struct valk_sample_space* space;
  struct return_instance* at;
  __u64 trampoline;
  __u32 base;  // where in `data` the stack begins
};

// A probe at a return has put the address of its trampoline in the place of the return address.
static long restore_return(__u32 index, void* context) {
  struct restoring* restoring = context;
  struct return_instance* probed = restoring->at;
  __u64 distance = BPF_CORE_READ(probed, stack) - restoring->space->head.stack_address;
  __u32 at = restoring->base + (__u32)distance;
  __u64* word;

  (void)index;
  if (distance <= VALK_MAX_STACK_BYTES && (distance & 7) == 0 && at <= VALK_DATA_BYTES) {
    word = (__u64*)(restoring->space->data + at);
    if (*word == restoring->trampoline) *word = BPF_CORE_READ(probed, orig_ret_vaddr);
  }
  restoring->at = BPF_CORE_READ(probed, next);
  return restoring->at == NULL;
}

// A thread that is in the kernel's page for probes is where it came from, or goes on.
static __always_inline void leave_page_of_probes(struct valk_sample* sample,
                                                 struct uprobe_task* probed, __u64 page) {
  struct return_instance* last = BPF_CORE_READ(probed, return_instances);
  __u64 distance = sample->registers[16] - page;

  if (distance >= VALK_PAGE_BYTES) return;
  if (distance >= VALK_UPROBE_SLOT_BYTES) {
    sample->registers[16] += BPF_CORE_READ(probed, vaddr) - BPF_CORE_READ(probed, xol_vaddr);
  } else if (last != NULL) {
    sample->registers[16] = BPF_CORE_READ(last, orig_ret_vaddr);
    sample->registers[7] = BPF_CORE_READ(last, stack) + sizeof(__u64);
  }
}

// Where probes stand, our own and anybody else's.
static __always_inline void hide_probes(struct valk_sample_space* space, struct task_struct* task) {
  struct uprobe_task* probed = BPF_CORE_READ(task, utask);
  struct restoring restoring = {.space = space,
                                .base = space->head.lisp_frames * sizeof(struct valk_lisp_frame)};

  if (probed == NULL) return;
  restoring.trampoline = BPF_CORE_READ(task, mm, uprobes_state.xol_area, vaddr);
  restoring.at = BPF_CORE_READ(probed, return_instances);
  leave_page_of_probes(&space->head, probed, restoring.trampoline);
  if (restoring.at == NULL) return;
  bpf_loop(VALK_MAX_PROBED_RETURNS, restore_return, &restoring, 0);
}

static __always_inline __u32 pause_flags(__u32 slot, __u32 thread) {
  const struct valk_pauses* recent = bpf_map_lookup_elem(&pauses, &slot);

  if (!recent || recent->open_since_ns == 0) return 0;
  return VALK_SAMPLE_IN_PAUSE | (recent->open_thread == thread ? VALK_SAMPLE_COLLECTS : 0);
}

SEC("perf_event")
int on_tick(struct bpf_perf_event_data* ctx) {
  __u32 pid = own_pid(), cpu = bpf_get_smp_processor_id(), bytes;
  __u32* slot = pid ? bpf_map_lookup_elem(&targets, &pid) : NULL;
  const struct valk_sampled* wanted = slot ? bpf_map_lookup_elem(&sampled, slot) : NULL;
  struct valk_sample_space* space;
  struct task_struct* task;

  if (!wanted || !wanted->is_wanted) return 0;
  space = bpf_map_lookup_elem(&sample_spaces, &cpu);
  if (!space) return 0;
  task = bpf_get_current_task_btf();
  space->head.slot = *slot;
  space->head.thread = (__u32)bpf_get_current_pid_tgid();
  space->head.time_ns = bpf_ktime_get_ns();
  space->head.lisp_frames = 0;
  space->head.pad = 0;
  space->head.flags = pause_flags(*slot, space->head.thread);
  if ((*(volatile __u64*)&ctx->regs.cs & 3) == 0) space->head.flags |= VALK_SAMPLE_IN_KERNEL;
  read_registers(&space->head, task);
  read_lisp_frames(space, wanted, own_number_of(task));
  read_evaluation(space, &wanted->evaluation, BPF_CORE_READ(task, thread.fsbase));
  copy_stack(space, wanted->stack_bytes);
  hide_probes(space, task);
  bytes = space->head.lisp_frames * sizeof(struct valk_lisp_frame) + space->head.stack_bytes;
  if (bytes > VALK_DATA_BYTES) return 0;
  if (bpf_ringbuf_output(&samples, space, sizeof(space->head) + bytes, BPF_RB_NO_WAKEUP) != 0)
    valk_lose(*slot, VALK_LOSS_SAMPLES_FULL);
  return 0;
}
