#include "profile/expression.h"

#include <dwarf.h>

#include <array>
#include <cstddef>

namespace profile {
namespace {

constexpr std::size_t kMaxDepth = 32;

// No operation jumps, so an expression ends after as many steps as it has operations.
class Machine {
 public:
  explicit Machine(const ExpressionInput& input) : input_(input) {}

  bool push(std::optional<std::uint64_t> value) {
    if (!value || depth_ == kMaxDepth) return false;
    stack_[depth_++] = *value;
    return true;
  }
  std::optional<std::uint64_t> top() const {
    return depth_ == 0 ? std::nullopt : std::optional(stack_[depth_ - 1]);
  }
  bool step(const elf::Operation& operation);

 private:
  bool push_register(std::uint64_t number, std::uint64_t offset) {
    const auto value = input_.registers.get(number);
    return value && push(*value + offset);
  }
  bool load();
  bool combine(std::uint8_t code);
  bool step_one_place(const elf::Operation& operation);

  const ExpressionInput& input_;
  std::array<std::uint64_t, kMaxDepth> stack_{};
  std::size_t depth_ = 0;
};

bool Machine::load() {
  const auto address = top();
  const auto word = address ? input_.stack.word_at(*address) : std::nullopt;
  if (!word) return false;
  stack_[depth_ - 1] = *word;
  return true;
}

bool Machine::combine(std::uint8_t code) {
  if (depth_ < 2) return false;
  const std::uint64_t right = stack_[--depth_];
  std::uint64_t& left = stack_[depth_ - 1];
  const auto is = [](bool holds) { return std::uint64_t{holds ? 1U : 0U}; };
  const auto signed_left = static_cast<std::int64_t>(left);
  const auto signed_right = static_cast<std::int64_t>(right);
  switch (code) {
    case DW_OP_plus:
      left += right;
      return true;
    case DW_OP_minus:
      left -= right;
      return true;
    case DW_OP_mul:
      left *= right;
      return true;
    case DW_OP_and:
      left &= right;
      return true;
    case DW_OP_or:
      left |= right;
      return true;
    case DW_OP_shl:
      left = right < 64 ? left << right : 0;
      return true;
    case DW_OP_shr:
      left = right < 64 ? left >> right : 0;
      return true;
    case DW_OP_eq:
      left = is(left == right);
      return true;
    case DW_OP_ne:
      left = is(left != right);
      return true;
    case DW_OP_ge:
      left = is(signed_left >= signed_right);
      return true;
    case DW_OP_gt:
      left = is(signed_left > signed_right);
      return true;
    case DW_OP_le:
      left = is(signed_left <= signed_right);
      return true;
    case DW_OP_lt:
      left = is(signed_left < signed_right);
      return true;
    default:
      return false;
  }
}

bool Machine::step_one_place(const elf::Operation& operation) {
  switch (operation.code) {
    case DW_OP_const1u:
    case DW_OP_const2u:
    case DW_OP_const4u:
    case DW_OP_const8u:
    case DW_OP_constu:
    case DW_OP_const1s:  // libdw has extended the sign
    case DW_OP_const2s:
    case DW_OP_const4s:
    case DW_OP_const8s:
    case DW_OP_consts:
      return push(operation.first);
    case DW_OP_call_frame_cfa:
      return push(input_.frame_address);
    case DW_OP_fbreg:
      return input_.frame_base && push(*input_.frame_base + operation.first);
    case DW_OP_bregx:
      return push_register(operation.first, operation.second);
    case DW_OP_regx:
      return push_register(operation.first, 0);
    case DW_OP_dup:
      return push(top());
    case DW_OP_plus_uconst:
      if (depth_ == 0) return false;
      stack_[depth_ - 1] += operation.first;
      return true;
    case DW_OP_deref_size:
      return operation.first == sizeof(std::uint64_t) && load();
    case DW_OP_deref:
      return load();
    case DW_OP_stack_value:
    case DW_OP_nop:
      return true;
    default:
      return combine(operation.code);
  }
}

bool Machine::step(const elf::Operation& operation) {
  const std::uint8_t code = operation.code;
  if (code >= DW_OP_lit0 && code <= DW_OP_lit31) return push(code - DW_OP_lit0);
  if (code >= DW_OP_reg0 && code <= DW_OP_reg31) return push_register(code - DW_OP_reg0, 0);
  if (code >= DW_OP_breg0 && code <= DW_OP_breg31) {
    return push_register(code - DW_OP_breg0, operation.first);
  }
  return step_one_place(operation);
}

}  // namespace

std::optional<std::uint64_t> evaluate(const elf::Expression& expression,
                                      const ExpressionInput& input, bool begin_with_frame_address) {
  Machine machine(input);
  if (begin_with_frame_address && !machine.push(input.frame_address)) return std::nullopt;
  for (const elf::Operation& operation : expression) {
    if (!machine.step(operation)) return std::nullopt;
  }
  return machine.top();
}

}  // namespace profile
