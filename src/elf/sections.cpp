#include "elf/sections.h"

#include <gelf.h>

#include "elf/build_id.h"
#include "elf/elf_file.h"

namespace elf {
namespace {

constexpr std::size_t kMaxNoteBytes = 4096;

}  // namespace

ElfHandle open_elf(int fd) {
  elf_version(EV_CURRENT);
  ElfHandle handle(elf_begin(fd, ELF_C_READ, nullptr));
  if (handle && elf_kind(handle.get()) != ELF_K_ELF) handle.reset();
  return handle;
}

std::vector<NamedSection> sections_of(Elf* file) {
  std::vector<NamedSection> sections;
  std::size_t names = 0;
  if (elf_getshdrstrndx(file, &names) != 0) return sections;
  Elf_Scn* section = nullptr;
  while (sections.size() < ElfFile::kMaxHeaders &&
         (section = elf_nextscn(file, section)) != nullptr) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr) continue;
    const char* const name = elf_strptr(file, names, header.sh_name);
    sections.push_back({name != nullptr ? name : "", section});
  }
  return sections;
}

std::string_view read_section(Elf* file, std::string_view name, std::size_t max_bytes) {
  for (const NamedSection& named : sections_of(file)) {
    if (named.name != name) continue;
    GElf_Shdr header;
    if (gelf_getshdr(named.section, &header) == nullptr) return {};
    if (header.sh_type == SHT_NOBITS || header.sh_size > max_bytes) return {};
    const Elf_Data* const data = elf_rawdata(named.section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) return {};
    return {static_cast<const char*>(data->d_buf), data->d_size};
  }
  return {};
}

std::string build_id_of(Elf* file) {
  return parse_build_id(read_section(file, ".note.gnu.build-id", kMaxNoteBytes)).value_or("");
}

}  // namespace elf
