#include "elf/inline_functions.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>

#include "base/owned.h"
#include "elf/sections.h"

namespace elf {
namespace {

// Real ones have some ten.
constexpr int kMaxScopes = 128;
constexpr std::size_t kMaxRanges = 1'000'000;
constexpr std::size_t kMaxNameBytes = 4'096;

struct UnitRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Dwarf_Die unit{};
};

// The scopes that libdw has allocated.
class Scopes {
 public:
  static Scopes containing(Dwarf_Die& unit, std::uint64_t address) {
    Dwarf_Die* dies = nullptr;
    const int count = dwarf_getscopes(&unit, address, &dies);
    return {dies, count};
  }
  // By where the code stands, not where the source does.
  static Scopes around(Dwarf_Die& die) {
    Dwarf_Die* dies = nullptr;
    const int count = dwarf_getscopes_die(&die, &dies);
    return {dies, count};
  }

  std::span<Dwarf_Die> all() const {
    return {dies_.get(), static_cast<std::size_t>(std::clamp(count_, 0, kMaxScopes))};
  }

 private:
  Scopes(Dwarf_Die* dies, int count) : dies_(dies), count_(count) {}

  base::Owned<Dwarf_Die, std::free> dies_;
  int count_;  // negative: they could not be read
};

std::string text_of(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found;
  const char* const text =
      dwarf_attr_integrate(&die, attribute, &found) != nullptr ? dwarf_formstring(&found) : nullptr;
  return text != nullptr ? std::string(text, ::strnlen(text, kMaxNameBytes)) : "";
}

std::uint64_t number_of_call(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found;
  Dwarf_Word number = 0;
  if (dwarf_attr(&die, attribute, &found) == nullptr) return 0;
  return dwarf_formudata(&found, &number) == 0 ? number : 0;
}

std::string call_file_of(Dwarf_Die& unit, Dwarf_Die& inlined) {
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  const std::uint64_t number = number_of_call(inlined, DW_AT_call_file);
  if (dwarf_getsrcfiles(&unit, &files, &count) != 0 || number >= count) return "";
  const char* const name = dwarf_filesrc(files, number, nullptr, nullptr);
  return name != nullptr ? name : "";
}

SourceFunction function_of(Dwarf_Die& die) {
  SourceFunction function;
  function.name = text_of(die, DW_AT_name);
  function.linkage_name = text_of(die, DW_AT_linkage_name);
  return function;
}

}  // namespace

struct InlineFunctions::File {
  using Handle = base::Owned<Dwarf, dwarf_end>;

  // In this order: each reads through those before.
  base::UniqueFd fd;
  ElfHandle elf;
  Handle dwarf;
  std::vector<UnitRange> ranges;  // by their begins

  void index_units() {
    read_units();
    std::sort(ranges.begin(), ranges.end(),
              [](const UnitRange& a, const UnitRange& b) { return a.begin < b.begin; });
  }

  void read_units() {
    Dwarf_CU* unit = nullptr;
    Dwarf_Die die;
    while (dwarf_get_units(dwarf.get(), unit, &unit, nullptr, nullptr, &die, nullptr) == 0) {
      std::uint64_t base = 0;
      UnitRange range;
      range.unit = die;
      for (std::ptrdiff_t at = 0;
           (at = dwarf_ranges(&die, at, &base, &range.begin, &range.end)) > 0;) {
        if (ranges.size() >= kMaxRanges) return;
        ranges.push_back(range);
      }
    }
  }

  Dwarf_Die* unit_at(std::uint64_t address) {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), address,
                         [](std::uint64_t at, const UnitRange& range) { return at < range.begin; });
    if (after == ranges.begin()) return nullptr;
    UnitRange& range = *std::prev(after);
    return address < range.end ? &range.unit : nullptr;
  }
};

InlineFunctions::InlineFunctions(std::unique_ptr<File> file) : file_(std::move(file)) {}
InlineFunctions::InlineFunctions(InlineFunctions&&) noexcept = default;
InlineFunctions& InlineFunctions::operator=(InlineFunctions&&) noexcept = default;
InlineFunctions::~InlineFunctions() = default;

std::optional<InlineFunctions> InlineFunctions::open(base::UniqueFd fd) {
  auto file = std::make_unique<File>();
  file->fd = std::move(fd);
  file->elf = open_elf(file->fd.get());
  if (!file->elf) return std::nullopt;
  file->dwarf.reset(dwarf_begin_elf(file->elf.get(), DWARF_C_READ, nullptr));
  if (!file->dwarf) return std::nullopt;
  file->index_units();
  if (file->ranges.empty()) return std::nullopt;
  return InlineFunctions(std::move(file));
}

// Each function but the innermost is at the line from which it calls the one inside.
std::vector<SourceFunction> InlineFunctions::at(std::uint64_t address) const {
  std::vector<SourceFunction> functions;
  Dwarf_Die* const unit = file_->unit_at(address);
  if (unit == nullptr) return functions;
  const Scopes containing = Scopes::containing(*unit, address);
  if (containing.all().empty()) return functions;
  const Scopes around = Scopes::around(containing.all().front());
  std::uint64_t line = 0;
  std::string file;
  if (Dwarf_Line* const found = dwarf_getsrc_die(unit, address); found != nullptr) {
    int number = 0;
    if (dwarf_lineno(found, &number) == 0 && number > 0) line = static_cast<std::uint64_t>(number);
    const char* const name = dwarf_linesrc(found, nullptr, nullptr);
    if (name != nullptr) file = name;
  }
  for (Dwarf_Die& die : around.all()) {
    const int tag = dwarf_tag(&die);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) continue;
    SourceFunction function = function_of(die);
    function.line = line;
    function.file = file;
    if (!function.name.empty()) functions.push_back(std::move(function));
    if (tag == DW_TAG_subprogram) break;
    line = number_of_call(die, DW_AT_call_line);
    file = call_file_of(*unit, die);
  }
  return functions;
}

}  // namespace elf
