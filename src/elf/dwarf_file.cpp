#include "elf/dwarf_file.h"

#include <elfutils/libdwfl.h>
#include <gelf.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace elf {
namespace {

using base::fail;
using base::Result;

constexpr GElf_Word kZlib = 1;  // ELFCOMPRESS_ZLIB
constexpr GElf_Word kZstd = 2;  // ELFCOMPRESS_ZSTD, which older headers don't know

bool is_debug_section(std::string_view name) {
  return name.starts_with(".debug_") || name.starts_with(".zdebug_");
}

bool has_entries(const std::vector<NamedSection>& sections) {
  return std::any_of(sections.begin(), sections.end(), [](const NamedSection& section) {
    GElf_Shdr header;
    return (section.name == ".debug_info" || section.name == ".zdebug_info") &&
           gelf_getshdr(section.section, &header) != nullptr && header.sh_type != SHT_NOBITS;
  });
}

std::string name_of(GElf_Word compression) {
  if (compression == kZstd) return "zstd";
  return compression == kZlib ? "zlib" : fmt::format("a method of number {}", compression);
}

// libdw passes over a section that it can't decompress, and says that there is none.
Result<void> decompress(const std::vector<NamedSection>& sections, const std::string& name) {
  for (const NamedSection& section : sections) {
    GElf_Shdr header;
    if (!is_debug_section(section.name) || gelf_getshdr(section.section, &header) == nullptr) {
      continue;
    }
    if ((header.sh_flags & SHF_COMPRESSED) == 0) continue;
    GElf_Chdr compression;
    if (gelf_getchdr(section.section, &compression) == nullptr) {
      return fail("the debug information of {} is damaged ({} has a wrong head)", name,
                  section.name);
    }
    if (elf_compress(section.section, 0, 0) >= 0) continue;
    if (compression.ch_type == kZlib) {
      return fail("the debug information of {} is damaged ({} can't be decompressed: {})", name,
                  section.name, elf_errmsg(-1));
    }
    return fail(
        "the debug information of {} is compressed with {}, which this libelf ({}) can't read: "
        "make "
        "a copy by objcopy --decompress-debug-sections (or --compress-debug-sections=zlib), and a "
        "layout of that: valkyria_exporter resolve --exe COPY -o FILE",
        name, name_of(compression.ch_type), dwfl_version(nullptr));
  }
  return {};
}

}  // namespace

Result<std::optional<DwarfFile>> DwarfFile::open(base::UniqueFd fd, const std::string& name) {
  ElfHandle elf = open_elf(fd.get());
  if (!elf) return fail("read {}: not an ELF file", name);
  const std::vector<NamedSection> sections = sections_of(elf.get());
  if (!has_entries(sections)) return std::optional<DwarfFile>();
  if (const auto readable = decompress(sections, name); !readable) return base::pass_on(readable);
  Handle dwarf(dwarf_begin_elf(elf.get(), DWARF_C_READ, nullptr));
  if (!dwarf) {
    return fail("the debug information of {} is damaged: {}", name, dwarf_errmsg(-1));
  }
  return DwarfFile(std::move(fd), std::move(elf), std::move(dwarf));
}

std::optional<AlternateLink> DwarfFile::alternate() const {
  constexpr std::size_t kMaxLinkBytes = 8192;
  return parse_alternate_link(read_section(elf_.get(), ".gnu_debugaltlink", kMaxLinkBytes));
}

}  // namespace elf
