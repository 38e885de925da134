#include "elf/elf_file.h"

#include <gelf.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace elf {
namespace {

using base::fail;
using base::Result;

std::string libelf_error() {
  const char* text = elf_errmsg(-1);
  return text != nullptr ? text : "unknown libelf error";
}

Result<void> check_machine(Elf* handle, const std::string& name) {
  GElf_Ehdr header;
  if (elf_kind(handle) != ELF_K_ELF || gelf_getehdr(handle, &header) == nullptr) {
    return fail("read {}: not an ELF file", name);
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64) {
    return fail("read {}: not a 64-bit x86-64 file (machine {}); probes exist on x86-64 only", name,
                header.e_machine);
  }
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
    return fail("read {}: neither an executable nor a shared object (ELF type {})", name,
                header.e_type);
  }
  return {};
}

}  // namespace

void ElfFile::EndHandle::operator()(Elf* handle) const {
  elf_end(handle);
}

ElfFile::ElfFile(std::string name, base::UniqueFd fd, Handle handle, std::vector<Segment> segments)
    : name_(std::move(name)),
      fd_(std::move(fd)),
      handle_(std::move(handle)),
      segments_(std::move(segments)) {}

Result<ElfFile> ElfFile::open(base::UniqueFd fd, std::string name) {
  elf_version(EV_CURRENT);
  Handle handle(elf_begin(fd.get(), ELF_C_READ, nullptr));
  if (!handle) return fail("read {}: {}", name, libelf_error());
  if (const auto machine = check_machine(handle.get(), name); !machine) {
    return base::pass_on(machine);
  }
  std::size_t count = 0;
  if (elf_getphdrnum(handle.get(), &count) != 0) {
    return fail("read the program headers of {}: {}", name, libelf_error());
  }
  if (count > kMaxHeaders) return fail("read {}: {} program headers are too many", name, count);
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (gelf_getphdr(handle.get(), static_cast<int>(i), &header) == nullptr) break;
    if (header.p_type != PT_LOAD) continue;
    segments.push_back(
        {header.p_vaddr, header.p_offset, header.p_filesz, (header.p_flags & PF_X) != 0});
  }
  return ElfFile(std::move(name), std::move(fd), std::move(handle), std::move(segments));
}

std::optional<ElfFile::Section> ElfFile::section(std::string_view section_name) const {
  std::size_t names = 0;
  if (elf_getshdrstrndx(handle_.get(), &names) != 0) return std::nullopt;
  Elf_Scn* at = nullptr;
  for (std::size_t i = 0; i < kMaxHeaders; ++i) {
    if ((at = elf_nextscn(handle_.get(), at)) == nullptr) break;
    GElf_Shdr header;
    if (gelf_getshdr(at, &header) == nullptr) continue;
    const char* name = elf_strptr(handle_.get(), names, header.sh_name);
    if (name == nullptr || section_name != name) continue;
    Section found{header.sh_addr, {}};
    if (header.sh_size > kMaxSectionBytes) return std::nullopt;
    const Elf_Data* data = header.sh_type == SHT_NOBITS ? nullptr : elf_rawdata(at, nullptr);
    if (data != nullptr && data->d_buf != nullptr) {
      found.bytes = {static_cast<const char*>(data->d_buf), data->d_size};
    }
    return found;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ElfFile::file_offset(std::uint64_t address) const {
  const Segment* const segment = find_segment(address);
  if (segment == nullptr) return std::nullopt;
  return segment->offset + (address - segment->address);
}

std::optional<std::uint64_t> ElfFile::code_offset(std::uint64_t address) const {
  const Segment* const segment = find_segment(address);
  return segment != nullptr && segment->is_code ? file_offset(address) : std::nullopt;
}

const Segment* ElfFile::find_segment(std::uint64_t address) const {
  const auto found = std::find_if(segments_.begin(), segments_.end(), [&](const Segment& segment) {
    return address >= segment.address && address - segment.address < segment.file_size;
  });
  return found == segments_.end() ? nullptr : &*found;
}

std::string ElfFile::read_at(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  const ssize_t got = ::pread(fd_.get(), bytes.data(), size, static_cast<off_t>(offset));
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

}  // namespace elf
