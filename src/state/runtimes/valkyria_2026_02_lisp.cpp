#include "state/runtimes/valkyria_2026_02_lisp.h"

#include <array>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "state/runtimes/valkyria_functions.h"
#include "state/runtimes/valkyria_text.h"

namespace state {
namespace {

using model::Continuation;
using model::LispEvaluation;

constexpr valkyria::RootPaths kRootOfHeap{VALKYRIA_ROOT("valk_sys->heap->")};

// What a thread calls itself is that of the thread library.
constexpr const char* kThreadIds = "valk_sys->threads[].thread_id";
constexpr const char* kThreadContexts = "valk_sys->threads[].ctx";
// The second frame of a stack: how large one is.
constexpr const char* kSecondFrame =
    "valk_sys->threads[0].ctx{valk_thread_context_t}->eval_stack{valk_eval_stack_t}->frames[1]."
    "kind";

struct OffsetPath {
  const char* path;
  std::uint64_t size_bytes;
  std::uint32_t LispEvaluation::*offset;
};
constexpr std::array kPlacesInTypes{
    OffsetPath{"@valk_thread_context_t.eval_stack", 8, &LispEvaluation::stack_offset},
    OffsetPath{"@valk_thread_context_t.eval_expr", 8, &LispEvaluation::expression_offset},
    OffsetPath{"@valk_eval_stack_t.frames", 8, &LispEvaluation::frames_offset},
    OffsetPath{"@valk_eval_stack_t.count", 8, &LispEvaluation::count_offset},
    OffsetPath{"@valk_eval_stack_t.capacity", 8, &LispEvaluation::capacity_offset},
    OffsetPath{"@valk_cont_frame_t.kind", 4, &LispEvaluation::kind_offset},
    OffsetPath{"@valk_cont_frame_t.env", 8, &LispEvaluation::environment_offset},
    OffsetPath{"@valk_lenv_t.parent", 8, &LispEvaluation::parent_offset},
    OffsetPath{"@valk_lval_t.cons.head", 8, &LispEvaluation::head_offset},
    OffsetPath{"@valk_lval_t.cons.tail", 8, &LispEvaluation::tail_offset},
    OffsetPath{"@valk_lval_t.flags", 8, &LispEvaluation::flags_offset},
};

// How far two objects are apart that were made one after the other: in an arena, and in the heap.
constexpr std::array<std::uint32_t, 2> kObjectDistances{80, 128};

// By the values of valk_cont_kind_e. What 3 and 8 have belongs to no text; 5 and 6 are never made.
struct KindPath {
  std::size_t kind;
  Continuation::Role role;
  const char* path;  // null: it has nothing
};
constexpr std::array kContinuations{
    KindPath{0, Continuation::Role::kBottom, nullptr},
    KindPath{1, Continuation::Role::kRest, "@valk_cont_frame_t.eval_args.remaining"},
    KindPath{2, Continuation::Role::kRest, "@valk_cont_frame_t.collect_arg.remaining"},
    KindPath{4, Continuation::Role::kNode, "@valk_cont_frame_t.if_branch.true_branch"},
    KindPath{7, Continuation::Role::kRest, "@valk_cont_frame_t.body_next.remaining"},
    KindPath{9, Continuation::Role::kCall, nullptr},
    KindPath{10, Continuation::Role::kRest, "@valk_cont_frame_t.ctx_deadline.body"},
    KindPath{11, Continuation::Role::kRest, "@valk_cont_frame_t.ctx_with.body"},
};

class EvaluatingLispFunctions : public LispFunctions {
 public:
  EvaluatingLispFunctions(const LispEvaluation& evaluation, valkyria::FunctionTexts texts)
      : evaluation_(evaluation), texts_(std::move(texts)) {}

  std::optional<LispEvaluation> evaluation() const override { return evaluation_; }

  void prepare(memory::Memory& memory) override { texts_.prepare(memory); }

  std::optional<std::string> name(const model::LispFrame& frame, memory::Memory& memory) override {
    return texts_.name(frame, memory);
  }

 private:
  LispEvaluation evaluation_;
  valkyria::FunctionTexts texts_;
};

// How far a member is in its type, where it is as wide as is read of it.
std::optional<std::uint32_t> place_in_type(const Layout& layout, const char* path,
                                           std::uint64_t size_bytes) {
  const elf::Field* const field = layout.find(path);
  if (field == nullptr || field->size_bytes != size_bytes) return std::nullopt;
  return static_cast<std::uint32_t>(field->offsets.back());  // at most 4 MiB
}

bool find_threads(const Layout& layout, std::uint64_t load_bias, LispEvaluation& evaluation) {
  const elf::Field* const threads = layout.find(kThreadIds);
  const elf::Field* const context = layout.find(kThreadContexts);
  if (threads == nullptr || context == nullptr) return false;
  for (const elf::Field* const field : {threads, context}) {
    if (field->offsets.size() != 2 || field->repeats.size() != 1 || field->size_bytes != 8) {
      return false;
    }
  }
  evaluation.runtime_address = load_bias + threads->address + threads->offsets[0];
  evaluation.thread_bytes = static_cast<std::uint32_t>(threads->repeats[0].stride);
  evaluation.max_threads = static_cast<std::uint32_t>(threads->repeats[0].count);
  evaluation.handle_offset = static_cast<std::uint32_t>(threads->offsets[1]);
  evaluation.context_offset = static_cast<std::uint32_t>(context->offsets[1]);
  return true;
}

bool find_kinds(const Layout& layout, LispEvaluation& evaluation) {
  for (const KindPath& known : kContinuations) {
    Continuation& kind = evaluation.kinds.at(known.kind);
    kind.role = known.role;
    if (known.path == nullptr) continue;
    const auto place = place_in_type(layout, known.path, 8);
    if (!place || *place > UINT16_MAX) return false;
    kind.offset = static_cast<std::uint16_t>(*place);
  }
  return true;
}

std::optional<LispEvaluation> find_evaluation(const Layout& layout, std::uint64_t load_bias) {
  LispEvaluation evaluation;
  for (const OffsetPath& known : kPlacesInTypes) {
    const auto place = place_in_type(layout, known.path, known.size_bytes);
    if (!place) return std::nullopt;
    evaluation.*known.offset = *place;
  }
  const elf::Field* const second = layout.find(kSecondFrame);
  if (second == nullptr || second->offsets.back() <= evaluation.kind_offset) return std::nullopt;
  evaluation.frame_bytes =
      static_cast<std::uint32_t>(second->offsets.back()) - evaluation.kind_offset;
  evaluation.end_distances = kObjectDistances;
  evaluation.call_mask = valkyria::kCallMask;
  evaluation.call_flags = valkyria::kCallFlags;
  if (!find_threads(layout, load_bias, evaluation) || !find_kinds(layout, evaluation)) {
    return std::nullopt;
  }
  return evaluation;
}

}  // namespace

std::vector<std::string> valkyria_2026_02_lisp_paths() {
  std::vector<std::string> paths{kThreadIds, kThreadContexts, kSecondFrame};
  append_paths(paths, kRootOfHeap);
  for (const OffsetPath& known : kPlacesInTypes) paths.emplace_back(known.path);
  for (const KindPath& known : kContinuations) {
    if (known.path != nullptr) paths.emplace_back(known.path);
  }
  for (const std::string& path : valkyria::text_paths()) paths.push_back(path);
  return paths;
}

std::unique_ptr<LispFunctions> open_valkyria_2026_02_lisp_functions(const Layout& layout,
                                                                    std::uint64_t load_bias) {
  const auto evaluation = find_evaluation(layout, load_bias);
  const auto places = valkyria::text_places(layout);
  auto root = valkyria::RootFunctions::open(kRootOfHeap, layout, load_bias, base::monotonic_ns);
  if (!evaluation || !places || !root) return nullptr;
  return std::make_unique<EvaluatingLispFunctions>(
      *evaluation, valkyria::FunctionTexts(*places, std::move(*root), base::monotonic_ns));
}

}  // namespace state
