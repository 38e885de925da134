#include "profile/unwinder.h"

#include "profile/expression.h"

namespace profile {
namespace {

using elf::RegisterRule;

struct Step {
  std::optional<Frame> caller;
  Ending ending = Ending::kNoRow;  // where there is none
};

class Stepper {
 public:
  Stepper(const Frame& callee, const elf::UnwindRow& row, const StackBytes& stack)
      : callee_(callee), row_(row), stack_(stack) {}

  std::optional<std::uint64_t> frame_address() const {
    if (row_.frame.base) {
      const auto base = callee_.registers.get(*row_.frame.base);
      return base ? std::optional(*base + static_cast<std::uint64_t>(row_.frame.offset))
                  : std::nullopt;
    }
    return evaluate(row_.frame.expression, {callee_.registers, stack_, {}, {}});
  }

  // None: it is not known, or not in what was copied.
  std::optional<std::uint64_t> caller_register(std::size_t number, std::uint64_t frame) const {
    const RegisterRule& rule = row_.registers[number];
    const std::uint64_t at = frame + static_cast<std::uint64_t>(rule.offset);
    switch (rule.kind) {
      case RegisterRule::Kind::kSame:
        return callee_.registers.get(number);
      case RegisterRule::Kind::kUndefined:
        return std::nullopt;
      case RegisterRule::Kind::kSaved:
        return stack_.word_at(at);
      case RegisterRule::Kind::kValue:
        return at;
      case RegisterRule::Kind::kSavedAt: {
        const auto address = computed(rule, frame);
        return address ? stack_.word_at(*address) : std::nullopt;
      }
      case RegisterRule::Kind::kComputed:
        return computed(rule, frame);
    }
    return std::nullopt;
  }

 private:
  std::optional<std::uint64_t> computed(const RegisterRule& rule, std::uint64_t frame) const {
    return evaluate(rule.expression, {callee_.registers, stack_, frame, {}}, true);
  }

  const Frame& callee_;
  const elf::UnwindRow& row_;
  const StackBytes& stack_;
};

// A caller's frame lies above its callee's, but for a signal's, which may have a stack of its own.
Step step(Frame& callee, const elf::UnwindRow& row, const StackBytes& stack,
          std::optional<std::uint64_t> last_frame_address) {
  const Stepper stepper(callee, row, stack);
  if (row.registers[elf::kReturnAddress].kind == RegisterRule::Kind::kUndefined) {
    return {std::nullopt, Ending::kComplete};
  }
  const auto frame = stepper.frame_address();
  if (!frame) return {std::nullopt, Ending::kBadMemory};
  if (last_frame_address && *frame <= *last_frame_address && !row.is_signal_frame) {
    return {std::nullopt, Ending::kBadMemory};
  }
  callee.frame_address = frame;
  const auto back = stepper.caller_register(elf::kReturnAddress, *frame);
  if (!back) {
    // By its last byte: the copy may end within it.
    return {std::nullopt, stack.is_above(*frame - 1) ? Ending::kTruncated : Ending::kBadMemory};
  }
  if (*back == 0) return {std::nullopt, Ending::kComplete};
  Frame caller;
  for (std::size_t number = 0; number < elf::kRegisters; ++number) {
    if (const auto value = stepper.caller_register(number, *frame)) {
      caller.registers.set(number, *value);
    }
  }
  // Unless said otherwise, the caller's stack ends where the frame begins.
  if (row.registers[elf::kStackPointer].kind == RegisterRule::Kind::kSame) {
    caller.registers.set(elf::kStackPointer, *frame);
  }
  caller.address = *back;
  caller.is_exact = row.is_signal_frame;
  return {caller, Ending::kComplete};
}

}  // namespace

Unwound unwind(const Registers& innermost, const StackBytes& stack, const ModuleMap& modules,
               const RowSource& rows) {
  Unwound unwound;
  Frame frame;
  frame.registers = innermost;
  frame.address = innermost.get(elf::kReturnAddress).value_or(0);
  frame.is_exact = true;
  std::optional<std::uint64_t> last_frame_address;
  while (true) {
    unwound.frames.push_back(frame);
    if (unwound.frames.size() >= kMaxFrames) {
      unwound.ending = Ending::kTooDeep;
      return unwound;
    }
    Frame& callee = unwound.frames.back();
    const Module* const module = modules.find(callee.lookup_address());
    const elf::UnwindRow* const row =
        module == nullptr ? nullptr : rows(module->file, callee.lookup_address() - module->bias);
    if (row == nullptr) {
      unwound.ending = Ending::kNoRow;
      return unwound;
    }
    Step taken = step(callee, *row, stack, last_frame_address);
    if (!taken.caller) {
      unwound.ending = taken.ending;
      return unwound;
    }
    last_frame_address = callee.frame_address;
    frame = *taken.caller;
  }
}

}  // namespace profile
