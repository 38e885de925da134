// Stacks, registers and call-frame rows of a target that wishes us ill.
#include "profile/unwinder.h"

#include <dwarf.h>
#include <fuzzer/FuzzedDataProvider.h>

#include "fuzz/require.h"

namespace {

using elf::RegisterRule;
using fuzz::require;
using profile::Ending;

constexpr std::uint64_t kStack = 0x7fff'0000'0000;
constexpr std::uint64_t kCode = 0x40'0000;
constexpr std::uint64_t kFunctionBytes = 0x10;

// Often one that leads somewhere.
std::uint64_t number_from(FuzzedDataProvider& input) {
  switch (input.ConsumeIntegralInRange<int>(0, 4)) {
    case 0:
      return kStack + 8 * input.ConsumeIntegral<std::uint8_t>();
    case 1:
      return kCode + input.ConsumeIntegral<std::uint8_t>();
    case 2:
      return input.ConsumeIntegral<std::uint64_t>();
    default:
      return static_cast<std::uint64_t>(std::int64_t{input.ConsumeIntegral<std::int8_t>()});
  }
}

elf::Expression expression_from(FuzzedDataProvider& input) {
  elf::Expression expression;
  for (int i = input.ConsumeIntegralInRange<int>(0, 40); i > 0 && input.remaining_bytes() > 0;
       --i) {
    expression.push_back(
        {input.ConsumeIntegral<std::uint8_t>(), number_from(input), number_from(input)});
  }
  return expression;
}

elf::UnwindRow row_from(FuzzedDataProvider& input) {
  elf::UnwindRow row;
  row.is_signal_frame = input.ConsumeIntegralInRange<int>(0, 7) == 7;
  if (input.ConsumeBool()) row.frame.base = input.ConsumeIntegralInRange<std::size_t>(0, 20);
  row.frame.offset = static_cast<std::int64_t>(number_from(input));
  if (!row.frame.base) row.frame.expression = expression_from(input);
  for (int i = input.ConsumeIntegralInRange<int>(0, 17); i > 0; --i) {
    RegisterRule& rule =
        row.registers.at(input.ConsumeIntegralInRange<std::size_t>(0, elf::kRegisters - 1));
    rule.kind = static_cast<RegisterRule::Kind>(input.ConsumeIntegralInRange<int>(0, 5));
    rule.offset = static_cast<std::int64_t>(number_from(input));
    if (rule.kind >= RegisterRule::Kind::kSavedAt) rule.expression = expression_from(input);
  }
  return row;
}

void check_frames(const profile::Unwound& unwound, const std::vector<elf::UnwindRow>& rows) {
  const auto& frames = unwound.frames;
  require(!frames.empty() && frames.size() <= profile::kMaxFrames, "frames are limited");
  require((unwound.ending == Ending::kTooDeep) == (frames.size() == profile::kMaxFrames),
          "whoever has too many frames says so");
  require(frames.front().is_exact, "the innermost frame is where it is");
  for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
    require(frames[i].frame_address.has_value(), "a frame with a caller has an end");
    require(frames[i + 1].address != 0, "nothing is called from nowhere");
    const std::uint64_t place = frames[i].lookup_address() - kCode;
    const bool is_signal = rows.at(place / kFunctionBytes).is_signal_frame;
    require(frames[i + 1].is_exact == is_signal, "who was interrupted is at that place");
    require(i == 0 || is_signal || *frames[i].frame_address > *frames[i - 1].frame_address,
            "callers lie above");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  std::vector<elf::UnwindRow> rows(input.ConsumeIntegralInRange<std::size_t>(1, 4));
  for (elf::UnwindRow& row : rows) row = row_from(input);
  profile::Registers registers;
  for (std::size_t i = 0; i < elf::kRegisters; ++i) {
    if (input.ConsumeIntegralInRange<int>(0, 7) != 7) registers.set(i, number_from(input));
  }
  const std::uint64_t address = input.ConsumeBool() ? kStack : number_from(input);
  std::vector<std::uint64_t> words(input.ConsumeIntegralInRange<std::size_t>(0, 64));
  for (std::uint64_t& word : words) word = number_from(input);
  const profile::StackBytes stack(address, std::as_bytes(std::span(words)));
  const profile::ModuleMap modules({{kCode, kCode + rows.size() * kFunctionBytes, kCode, 0}});
  check_frames(profile::unwind(registers, stack, modules,
                               [&](std::size_t, std::uint64_t at) -> const elf::UnwindRow* {
                                 return &rows.at(at / kFunctionBytes);
                               }),
               rows);
  return 0;
}
