// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// The calls of a Lisp evaluator that does not call itself: it keeps them in a stack of its own, of
// what is to be done with the next value (abi/sample.h). No frame says which function runs in it,
// but most of them point to something in the function's text: one of those is told for each call.
//
// Of the innermost call there may be none, while the last frame that was taken off the stack is
// worked at. Then there are two hints, each of which may be of another function: that frame, which
// may be an older one, and the expression, which stays where the function that it belongs to has
// returned. Together they are told as witnesses of each other. An expression that is a call, and
// not yet in a frame, was begun just now: it needs none.
//
// Part of sample.bpf.c.

// What a look at a stack needs, beside what has become of it (struct evaluating).
struct evaluation_look {
  struct valk_sample_space* space;
  const struct valk_evaluation* how;
};

static __always_inline bool read_word(__u64* word, __u64 address) {
  return bpf_probe_read_user(word, sizeof(*word), (const void*)address) == 0;
}

static long find_context(__u32 index, void* context) {
  struct evaluation_look* look = context;
  struct evaluating* evaluating = &look->space->evaluating;
  const struct valk_evaluation* how = look->how;
  __u64 thread, handle = 0;

  thread = evaluating->context + (__u64)index * how->thread_bytes;
  if (!read_word(&handle, thread + how->handle_offset)) return 1;
  if (handle != evaluating->handle) return 0;
  // One that has ended leaves its handle behind.
  if (!read_word(&evaluating->stack, thread + how->context_offset)) return 1;
  return evaluating->stack != 0;
}

// The last element of the list that ends there: a list is often a copy, as its end then is, while
// its elements never are. 0: not found.
static __always_inline __u64 last_element(const struct valk_evaluation* how, __u64 end) {
  __u64 tail = 0, head = 0;

  for (int i = 0; i < 2; ++i) {
    __u64 last = end + how->end_distances[i];
    if (!read_word(&tail, last + how->tail_offset) || tail != end) continue;
    return read_word(&head, last + how->head_offset) ? head : 0;
  }
  return 0;
}

// What a frame has of its function's text: 0, if nothing.
static __always_inline __u64 element_in(const struct valk_evaluation* how, __u64 frame,
                                        struct valk_continuation kind, bool* is_end) {
  __u64 node = 0, head = 0;

  *is_end = false;
  if (kind.role != VALK_CONTINUATION_NODE && kind.role != VALK_CONTINUATION_REST) return 0;
  if (!read_word(&node, frame + kind.offset) || node == 0) return 0;
  if (kind.role == VALK_CONTINUATION_NODE) return node;
  if (!read_word(&head, node + how->head_offset)) return 0;
  if (head == 0) head = last_element(how, node);
  *is_end = head == 0;
  return head != 0 ? head : node;
}

static __always_inline struct valk_continuation kind_of(const struct valk_evaluation* how,
                                                        __u64 frame, bool* is_there) {
  struct valk_continuation none = {.role = VALK_CONTINUATION_OTHER};
  __u32 kind = 0;

  *is_there =
      bpf_probe_read_user(&kind, sizeof(kind), (const void*)(frame + how->kind_offset)) == 0;
  if (!*is_there || kind >= VALK_CONTINUATION_KINDS) return none;
  return how->kinds[kind];
}

static __always_inline bool enter_stack(struct evaluating* evaluating,
                                        const struct valk_evaluation* how) {
  return read_word(&evaluating->frames, evaluating->stack + how->frames_offset) &&
         read_word(&evaluating->left, evaluating->stack + how->count_offset);
}

// By the expression, and by the frame that was taken off the stack last.
static __always_inline void read_hints(struct evaluating* evaluating,
                                       const struct valk_evaluation* how, __u64 context) {
  __u64 expression = 0, flags = 0, capacity = 0, frame;
  bool is_there, is_end;

  if (!read_word(&expression, context + how->expression_offset) || expression == 0) return;
  if (!read_word(&flags, expression + how->flags_offset)) return;
  if (((__u32)flags & how->call_mask) == how->call_flags) {
    // Itself it may be a copy.
    read_word(&evaluating->function, expression + how->head_offset);
    return;
  }
  if (!read_word(&capacity, evaluating->stack + how->capacity_offset) ||
      evaluating->left >= capacity)
    return;
  frame = evaluating->frames + evaluating->left * how->frame_bytes;
  evaluating->witness = element_in(how, frame, kind_of(how, frame, &is_there), &is_end);
  if (evaluating->witness == 0) return;
  evaluating->function = expression;
  read_word(&evaluating->frame_environment, frame + how->environment_offset);
}

// A call that has nothing left to do but to give back what another one results in is left out: who
// is called in the place of a result takes its caller's place.
static __always_inline void tell_call(struct valk_sample_space* space) {
  struct evaluating* evaluating = &space->evaluating;
  struct valk_lisp_frame frame = {.address = evaluating->stack};
  __u32 place = evaluating->told;
  bool is_left = evaluating->in_call == 0 && place != 0;

  evaluating->in_call = 0;
  if (is_left) return;
  if (evaluating->node != 0) {
    frame.function = evaluating->node;
  } else if (evaluating->end != 0) {
    frame.function = evaluating->end;
  } else {
    frame.function = evaluating->function;
    frame.witness = evaluating->witness;
  }
  evaluating->node = evaluating->end = evaluating->function = evaluating->witness = 0;
  if (place >= VALK_MAX_LISP_FRAMES) return;
  *(struct valk_lisp_frame*)(space->data + sizeof(frame) * place) = frame;
  evaluating->told = place + 1;
}

// The frame that was taken off belongs to the caller, so it is an older one.
static __always_inline void doubt_hints(struct evaluating* evaluating, __u64 callers_environment) {
  if (evaluating->witness != 0 && evaluating->frame_environment == callers_environment)
    evaluating->function = evaluating->witness = 0;
}

// To the evaluator that began this one. It did so in a function of the runtime's own: either to go
// on with the call that both are in, and then their environments are the same, or for another call.
static __always_inline bool leave_stack(struct evaluation_look* look, __u64 environment) {
  const struct valk_evaluation* how = look->how;
  struct evaluating* evaluating = &look->space->evaluating;
  __u64 parent = 0, outer = 0, outers_environment = 0;
  bool is_call = read_word(&parent, environment + how->parent_offset) && parent != 0;

  if (how->outer_offset != 0)
    read_word(&outer, evaluating->stack + (__u64)(__s64)how->outer_offset);
  if (outer <= evaluating->stack) {  // stacks grow downwards
    if (is_call) tell_call(look->space);
    evaluating->left = 0;
    return false;
  }
  evaluating->inner = evaluating->stack;
  evaluating->stack = outer;
  if (!enter_stack(evaluating, how)) {
    evaluating->is_broken = 1;
    evaluating->left = 0;
  }
  read_word(&outers_environment,
            evaluating->frames + evaluating->left * how->frame_bytes + how->environment_offset);
  if (is_call && outers_environment != environment) {
    evaluating->stack = evaluating->inner;
    tell_call(look->space);
    evaluating->stack = outer;
  }
  return true;
}

static long read_continuation(__u32 index, void* context) {
  struct evaluation_look* look = context;
  struct evaluating* evaluating = &look->space->evaluating;
  const struct valk_evaluation* how = look->how;
  struct valk_continuation kind;
  __u64 frame, element, environment = 0;
  bool is_there, is_end;

  (void)index;
  if (evaluating->left == 0 || evaluating->told >= VALK_MAX_LISP_FRAMES) return 1;
  evaluating->left -= 1;
  frame = evaluating->frames + evaluating->left * how->frame_bytes;
  kind = kind_of(how, frame, &is_there);
  if (!is_there) {
    evaluating->is_broken = 1;
    return 1;
  }
  if (kind.role == VALK_CONTINUATION_CALL || kind.role == VALK_CONTINUATION_BOTTOM) {
    if (!read_word(&environment, frame + how->environment_offset)) {
      evaluating->is_broken = 1;
      return 1;
    }
    doubt_hints(evaluating, environment);
    if (kind.role == VALK_CONTINUATION_BOTTOM) return !leave_stack(look, environment);
    tell_call(look->space);
    return 0;
  }
  evaluating->in_call += 1;
  element = element_in(how, frame, kind, &is_end);
  if (element != 0 && is_end && evaluating->end == 0) evaluating->end = element;
  if (element != 0 && !is_end && evaluating->node == 0) evaluating->node = element;
  return 0;
}

static __always_inline void read_evaluation(struct valk_sample_space* space,
                                            const struct valk_evaluation* how, __u64 handle) {
  struct evaluation_look look = {.space = space, .how = how};
  struct evaluating* evaluating = &space->evaluating;
  __u64 context;

  if (how->runtime == 0) return;
  __builtin_memset(evaluating, 0, sizeof(*evaluating));
  evaluating->handle = handle;
  if (!read_word(&evaluating->context, how->runtime) || evaluating->context == 0) return;
  bpf_loop(how->max_threads < 256 ? how->max_threads : 256, find_context, &look, 0);
  context = evaluating->stack;
  evaluating->stack = 0;
  if (context == 0) return;
  if (!read_word(&evaluating->stack, context + how->stack_offset)) {
    space->head.flags |= VALK_SAMPLE_LISP_BROKEN;
    return;
  }
  if (evaluating->stack == 0) return;
  if (!enter_stack(evaluating, how)) {
    space->head.flags |= VALK_SAMPLE_LISP_BROKEN;
    return;
  }
  read_hints(evaluating, how, context);
  bpf_loop(VALK_MAX_LISP_STEPS, read_continuation, &look, 0);
  if (evaluating->told > VALK_MAX_LISP_FRAMES) return;
  space->head.lisp_frames = evaluating->told;
  if (evaluating->is_broken)
    space->head.flags |= VALK_SAMPLE_LISP_BROKEN;
  else if (evaluating->left != 0)
    space->head.flags |= VALK_SAMPLE_LISP_CUT;
}
