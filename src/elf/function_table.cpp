#include "elf/function_table.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <tuple>

namespace elf {
namespace {

bool is_code(const Elf64_Sym& symbol) {
  const auto type = ELF64_ST_TYPE(symbol.st_info);
  return symbol.st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_GNU_IFUNC);
}

// Of aliases the global one is what people know; then the one with fewer leading underscores.
int rank_of(const Elf64_Sym& symbol, std::string_view name) {
  const int binding = ELF64_ST_BIND(symbol.st_info) == STB_LOCAL ? 100 : 0;
  const auto underscores = std::min<std::size_t>(name.find_first_not_of('_'), 50);
  return binding + static_cast<int>(underscores);
}

std::string_view name_at(std::string_view names, std::uint64_t offset) {
  if (offset >= names.size()) return {};
  const std::string_view rest =
      names.substr(offset, std::min(names.size() - offset, FunctionTable::kMaxNameBytes));
  return rest.substr(0, rest.find('\0'));
}

}  // namespace

FunctionTable::FunctionTable(const ElfFile& file, const ElfFile* debug) {
  add(file);
  if (debug != nullptr) add(*debug);
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::tuple(a.begin, a.rank, b.end) < std::tuple(b.begin, b.rank, a.end);
  });
  const auto twins = std::unique(entries_.begin(), entries_.end(),
                                 [](const Entry& a, const Entry& b) { return a.begin == b.begin; });
  entries_.erase(twins, entries_.end());
  entries_.shrink_to_fit();
}

void FunctionTable::add(const ElfFile& file) {
  for (const auto& [symbols, names] : {std::pair{".symtab", ".strtab"}, {".dynsym", ".dynstr"}}) {
    const auto table = file.section(symbols);
    const auto texts = file.section(names);
    if (!table || !texts) continue;
    std::string_view rest = table->bytes;
    for (; rest.size() >= sizeof(Elf64_Sym); rest.remove_prefix(sizeof(Elf64_Sym))) {
      if (entries_.size() >= kMaxFunctions) return;
      Elf64_Sym symbol;
      std::memcpy(&symbol, rest.data(), sizeof symbol);
      const std::string_view name = name_at(texts->bytes, symbol.st_name);
      if (!is_code(symbol) || name.empty()) continue;
      entries_.push_back(
          {symbol.st_value, symbol.st_value + symbol.st_size, name, rank_of(symbol, name)});
    }
  }
}

std::optional<FunctionTable::Found> FunctionTable::find(std::uint64_t address) const {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), address,
                       [](std::uint64_t at, const Entry& entry) { return at < entry.begin; });
  if (after == entries_.begin()) return std::nullopt;
  const Entry& entry = *std::prev(after);
  const bool is_inside = entry.end > entry.begin
                             ? address < entry.end
                             : after == entries_.end() || address < after->begin;
  return is_inside ? std::optional(Found{entry.name, entry.begin}) : std::nullopt;
}

}  // namespace elf
