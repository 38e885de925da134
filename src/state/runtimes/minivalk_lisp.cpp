#include "state/runtimes/minivalk_lisp.h"

#include <array>

#include "state/runtimes/text_cache.h"

namespace state {
namespace {

constexpr const char* kThreads = "minivalk.heap.mutators[]";
constexpr const char* kThread = "@mutator.thread";
constexpr const char* kFrames = "@mutator.frames";
constexpr const char* kCaller = "@frame.caller";
constexpr const char* kFunction = "@frame.function";

// A name is a symbol's, and symbols live as long as the process.
class MinivalkLispFunctions : public LispFunctions {
 public:
  explicit MinivalkLispFunctions(const model::LispChain& chain) : chain_(chain) {}

  std::optional<model::LispChain> chain() const override { return chain_; }

  std::optional<std::string> name(const model::LispFrame& frame, memory::Memory& memory) override {
    const std::array pointers{frame.function};
    if (!names_.read(memory, pointers)) return "";
    return names_.find(frame.function).value_or("");
  }

 private:
  model::LispChain chain_;
  TextCache names_;
};

// How far a member is in its type, where it is as wide as is read of it.
std::optional<std::uint32_t> offset_of(const Layout& layout, const char* path,
                                       std::uint64_t size_bytes) {
  const elf::Field* const field = layout.find(path);
  if (field == nullptr || field->size_bytes != size_bytes) return std::nullopt;
  return static_cast<std::uint32_t>(field->offsets.back());  // at most 4 MiB
}

// Of pointers that stand in the program itself, one after the other.
bool is_array_of_pointers(const elf::Field& field) {
  return field.kind == elf::FieldKind::kPointer && field.offsets.size() == 1 &&
         field.repeats.size() == 1 && field.repeats[0].stride == sizeof(std::uint64_t);
}

}  // namespace

std::vector<std::string> minivalk_lisp_paths() {
  return {kThreads, kThread, kFrames, kCaller, kFunction};
}

std::unique_ptr<LispFunctions> open_minivalk_lisp_functions(const Layout& layout,
                                                            std::uint64_t load_bias) {
  const elf::Field* const threads = layout.find(kThreads);
  const auto thread = offset_of(layout, kThread, sizeof(std::uint32_t));
  const auto frames = offset_of(layout, kFrames, sizeof(std::uint64_t));
  const auto caller = offset_of(layout, kCaller, sizeof(std::uint64_t));
  const auto function = offset_of(layout, kFunction, sizeof(std::uint64_t));
  if (threads == nullptr || !is_array_of_pointers(*threads)) return nullptr;
  if (!thread || !frames || !caller || !function) return nullptr;
  model::LispChain chain;
  chain.threads_address = load_bias + threads->address + threads->offsets[0];
  chain.max_threads = static_cast<std::uint32_t>(threads->repeats[0].count);
  chain.thread_offset = *thread;
  chain.frames_offset = *frames;
  chain.caller_offset = *caller;
  chain.function_offset = *function;
  return std::make_unique<MinivalkLispFunctions>(chain);
}

}  // namespace state
