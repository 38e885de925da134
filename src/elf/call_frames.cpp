#include "elf/call_frames.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <cstdlib>
#include <span>
#include <utility>

#include "base/owned.h"
#include "elf/dwarf_die.h"
#include "elf/sections.h"

namespace elf {
namespace {

using FrameHandle = base::Owned<Dwarf_Frame, std::free>;

std::optional<FrameAddress> frame_address_of(Dwarf_Frame* frame) {
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_frame_cfa(frame, &operations, &count) != 0 || count == 0) return std::nullopt;
  const Dwarf_Op& first = operations[0];
  constexpr unsigned kPast = DW_OP_breg0 + kRegisters;
  if (count == 1 && first.atom >= DW_OP_breg0 && first.atom < kPast) {
    const std::size_t base = std::size_t{first.atom} - DW_OP_breg0;
    return FrameAddress{base, static_cast<std::int64_t>(first.number), {}};
  }
  if (count == 1 && first.atom == DW_OP_bregx && first.number < kRegisters) {
    return FrameAddress{first.number, static_cast<std::int64_t>(first.number2), {}};
  }
  auto expression = expression_of({operations, count});
  if (!expression) return std::nullopt;
  return FrameAddress{std::nullopt, 0, std::move(*expression)};
}

// An empty list of operations is libdw's way to say one of two things, by where it stands.
std::optional<RegisterRule> rule_of(Dwarf_Frame* frame, int number) {
  using Kind = RegisterRule::Kind;
  Dwarf_Op memory[3] = {};
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_frame_register(frame, number, memory, &operations, &count) != 0) return std::nullopt;
  if (count == 0) return RegisterRule{operations == memory ? Kind::kUndefined : Kind::kSame, 0, {}};
  const std::span<const Dwarf_Op> all(operations, count);
  // Another register has it; in an expression the same words lead to memory.
  if (operations == memory && all[0].atom == DW_OP_regx) {
    return RegisterRule{Kind::kComputed, 0, *expression_of(all)};
  }
  if (all[0].atom == DW_OP_call_frame_cfa) {
    std::int64_t offset = 0;
    std::size_t next = 1;
    if (next < count && all[next].atom == DW_OP_plus_uconst) {
      offset = static_cast<std::int64_t>(all[next].number);
      ++next;
    }
    if (next == count) return RegisterRule{Kind::kSaved, offset, {}};
    if (next + 1 == count && all[next].atom == DW_OP_stack_value) {
      return RegisterRule{Kind::kValue, offset, {}};
    }
  }
  auto expression = expression_of(all);
  if (!expression) return std::nullopt;
  const bool is_value = expression->back().code == DW_OP_stack_value;
  return RegisterRule{is_value ? Kind::kComputed : Kind::kSavedAt, 0, std::move(*expression)};
}

// What nothing is said of: rbx is kept by every function, rax by none. libdw has the number of one
// for the other's (x86_64_cfi.c in elfutils).
void correct_defaults(UnwindRow& row) {
  using Kind = RegisterRule::Kind;
  constexpr std::size_t kRax = 0;
  constexpr std::size_t kRbx = 3;
  if (row.registers[kRax].kind == Kind::kSame) row.registers[kRax].kind = Kind::kUndefined;
  if (row.registers[kRbx].kind == Kind::kUndefined) row.registers[kRbx].kind = Kind::kSame;
}

std::optional<UnwindRow> row_of(Dwarf_CFI* cfi, std::uint64_t address) {
  if (cfi == nullptr) return std::nullopt;
  Dwarf_Frame* found = nullptr;
  if (dwarf_cfi_addrframe(cfi, address, &found) != 0) return std::nullopt;
  const FrameHandle frame(found);
  UnwindRow row;
  const int return_column =
      dwarf_frame_info(frame.get(), &row.begin, &row.end, &row.is_signal_frame);
  if (return_column < 0 || row.begin > address || row.end <= address) return std::nullopt;
  // What libdw says of the begin is too low where a remembered row was restored; rows of other
  // instructions lie between.
  row.begin = address;
  auto frame_address = frame_address_of(frame.get());
  if (!frame_address) return std::nullopt;
  row.frame = std::move(*frame_address);
  for (std::size_t number = 0; number < kRegisters; ++number) {
    const int column = number == kReturnAddress ? return_column : static_cast<int>(number);
    auto rule = rule_of(frame.get(), column);
    row.registers[number] =
        rule ? std::move(*rule) : RegisterRule{RegisterRule::Kind::kUndefined, 0, {}};
  }
  correct_defaults(row);
  return row;
}

}  // namespace

struct CallFrames::Files {
  using DwarfHandle = base::Owned<Dwarf, dwarf_end>;
  using CfiHandle = base::Owned<Dwarf_CFI, dwarf_cfi_end>;

  // In this order: each reads through those before.
  base::UniqueFd file_fd;
  base::UniqueFd debug_fd;
  ElfHandle file;
  ElfHandle debug;
  CfiHandle eh_frame;
  DwarfHandle dwarf;
  Dwarf_CFI* debug_frame = nullptr;  // the Dwarf's own

  void open_debug_frame(Elf* elf) {
    if (elf == nullptr || debug_frame != nullptr) return;
    DwarfHandle opened(dwarf_begin_elf(elf, DWARF_C_READ, nullptr));
    Dwarf_CFI* const found = opened ? dwarf_getcfi(opened.get()) : nullptr;
    if (found == nullptr) return;
    dwarf = std::move(opened);
    debug_frame = found;
  }
};

CallFrames::CallFrames(std::unique_ptr<Files> files) : files_(std::move(files)) {}
CallFrames::CallFrames(CallFrames&&) noexcept = default;
CallFrames& CallFrames::operator=(CallFrames&&) noexcept = default;
CallFrames::~CallFrames() = default;

base::Result<CallFrames> CallFrames::open(base::UniqueFd file, base::UniqueFd debug) {
  auto files = std::make_unique<Files>();
  files->file_fd = std::move(file);
  files->debug_fd = std::move(debug);
  files->file = open_elf(files->file_fd.get());
  if (!files->file) return base::fail("read call-frame information: no ELF file");
  files->eh_frame.reset(dwarf_getcfi_elf(files->file.get()));
  files->open_debug_frame(files->file.get());
  if (files->debug_fd) {
    files->debug = open_elf(files->debug_fd.get());
    files->open_debug_frame(files->debug.get());
  }
  if (!files->eh_frame && files->debug_frame == nullptr) {
    return base::fail("read call-frame information: it has neither .eh_frame nor .debug_frame");
  }
  return CallFrames(std::move(files));
}

std::optional<UnwindRow> CallFrames::row_at(std::uint64_t address) const {
  auto row = row_of(files_->eh_frame.get(), address);
  return row ? row : row_of(files_->debug_frame, address);
}

}  // namespace elf
