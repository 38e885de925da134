#include "elf/symbols.h"

#include <elf.h>

#include <cstring>

namespace elf {
namespace {

// Whether the text at `offset` of a string table is this one. The table may hold no end of a text
// for megabytes, and each symbol may point there: nothing is searched for.
bool is_text_at(std::string_view table, std::uint64_t offset, std::string_view text) {
  return offset < table.size() && table.size() - offset > text.size() &&
         table.substr(offset, text.size()) == text && table[offset + text.size()] == '\0';
}

bool is_place(const Elf64_Sym& symbol) {
  const auto type = ELF64_ST_TYPE(symbol.st_info);
  return symbol.st_shndx != SHN_UNDEF && (type == STT_OBJECT || type == STT_FUNC);
}

std::optional<Symbol> find_in(std::string_view symbols, std::string_view names,
                              std::string_view wanted) {
  for (; symbols.size() >= sizeof(Elf64_Sym); symbols.remove_prefix(sizeof(Elf64_Sym))) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, symbols.data(), sizeof symbol);
    if (!is_place(symbol) || !is_text_at(names, symbol.st_name, wanted)) continue;
    return Symbol{symbol.st_value, symbol.st_size, ELF64_ST_TYPE(symbol.st_info) == STT_FUNC};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Symbol> find_symbol(const ElfFile& file, std::string_view name) {
  for (const auto& [symbols, names] : {std::pair{".symtab", ".strtab"}, {".dynsym", ".dynstr"}}) {
    const auto table = file.section(symbols);
    const auto texts = file.section(names);
    if (!table || !texts) continue;
    if (auto found = find_in(table->bytes, texts->bytes, name)) return found;
  }
  return std::nullopt;
}

bool is_stripped(const ElfFile& file) {
  return !file.section(".symtab").has_value();
}

}  // namespace elf
