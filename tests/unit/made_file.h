// Files of code that tests make: nothing but symbols.
#pragma once

#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace test {

struct Function {
  std::string name;
  std::uint64_t address = 0;
  std::uint64_t size = 1;
  unsigned char binding = STB_GLOBAL;
};

template <typename Part>
void append(std::string& to, const Part& part) {
  to.append(reinterpret_cast<const char*>(&part), sizeof part);
}

// A shared object of nothing but symbols.
inline std::string elf_of(const std::vector<Function>& functions) {
  std::string names(1, '\0');
  std::string symbols;
  for (const Function& function : functions) {
    Elf64_Sym symbol{};
    symbol.st_name = static_cast<Elf64_Word>(names.size());
    symbol.st_info = ELF64_ST_INFO(function.binding, STT_FUNC);
    symbol.st_shndx = 1;
    symbol.st_value = function.address;
    symbol.st_size = function.size;
    append(symbols, symbol);
    names += function.name + '\0';
  }
  const std::string titles("\0.symtab\0.strtab\0.shstrtab\0", 27);
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 4;
  header.e_shstrndx = 3;
  std::string body;
  std::string sections(sizeof(Elf64_Shdr), '\0');
  const auto add = [&](Elf64_Word title, Elf64_Word type, const std::string& content) {
    Elf64_Shdr section{};
    section.sh_name = title;
    section.sh_type = type;
    section.sh_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + body.size();
    section.sh_size = content.size();
    section.sh_link = type == SHT_SYMTAB ? 2 : 0;
    section.sh_entsize = type == SHT_SYMTAB ? sizeof(Elf64_Sym) : 0;
    append(sections, section);
    body += content;
  };
  add(1, SHT_SYMTAB, symbols);
  add(9, SHT_STRTAB, names);
  add(17, SHT_STRTAB, titles);
  header.e_shoff = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + body.size();
  Elf64_Phdr segment{};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_filesz = segment.p_memsz = header.e_shoff;
  std::string file;
  append(file, header);
  append(file, segment);
  return file + body + sections;
}

inline base::UniqueFd file_of(const std::vector<Function>& functions) {
  base::UniqueFd fd(::memfd_create("code", MFD_CLOEXEC));
  const std::string bytes = elf_of(functions);
  if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("write a file of code");
  }
  return fd;
}

}  // namespace test
