// A stranger's executable, whole: what is asked of it before it is known to be one of ours.
#include "elf/elf_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include "elf/build_id.h"
#include "elf/sections.h"
#include "elf/symbols.h"
#include "elf/usdt.h"
#include "fuzz/bytes.h"
#include "fuzz/require.h"
#include "state/runtimes/libuv.h"

namespace {

using fuzz::require;

base::UniqueFd file_of(std::string_view bytes) {
  base::UniqueFd fd(::memfd_create("hostile", MFD_CLOEXEC));
  const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
  require(written == static_cast<ssize_t>(bytes.size()), "the file could be made");
  return fd;
}

void check_segments(const elf::ElfFile& file) {
  require(file.segments().size() <= elf::ElfFile::kMaxHeaders, "segments are limited");
  for (const elf::Segment& segment : file.segments()) {
    for (const std::uint64_t address :
         {segment.address, segment.address + segment.file_size - 1, segment.address - 1}) {
      const auto offset = file.file_offset(address);
      const auto code = file.code_offset(address);
      require(!code || code == offset, "code stands where it stands in the file");
      if (offset) static_cast<void>(elf::read_instruction(file, *offset));
    }
    if (segment.file_size > 0) {
      require(file.file_offset(segment.address).has_value(), "a segment's begin is in the file");
    }
  }
}

void check_sections(const elf::ElfFile& file, std::size_t file_bytes) {
  for (const char* name : {".symtab", ".strtab", ".dynsym", ".dynstr", ".note.stapsdt",
                           ".stapsdt.base", ".note.gnu.build-id", ".text", ""}) {
    const auto section = file.section(name);
    if (!section) continue;
    require(section->bytes.size() <= elf::ElfFile::kMaxSectionBytes, "sections are limited");
    require(section->bytes.size() <= file_bytes, "a section is no longer than its file");
    unsigned sum = 0;
    for (const char byte : section->bytes) sum += static_cast<unsigned char>(byte);
    require(sum <= 255 * section->bytes.size(), "every byte of a section can be read");
  }
}

void check_sites(const elf::ElfFile& file) {
  const auto sites = elf::read_usdt_sites(file, "valkyria");
  if (!sites) {
    require(!sites.error().message.empty(), "who fails says why");
    return;
  }
  for (const elf::UsdtSite& site : *sites) {
    require(file.code_offset(site.address) == site.file_offset, "a site stands in code");
    if (site.semaphore_file_offset) {
      require(file.file_offset(site.semaphore_address) == site.semaphore_file_offset,
              "a semaphore stands in a segment");
    }
  }
}

void check_program(std::string_view bytes) {
  const auto file = elf::ElfFile::open(file_of(bytes), "hostile");
  if (!file) {
    require(file.error().message.find("hostile") != std::string::npos, "errors name the file");
    return;
  }
  check_segments(*file);
  check_sections(*file, bytes.size());
  check_sites(*file);
  const auto symbol = elf::find_symbol(*file, "valk_sys");
  require(!symbol || bytes.find("valk_sys") != std::string_view::npos, "a symbol has its name");
  static_cast<void>(elf::is_stripped(*file));
  static_cast<void>(elf::read_build_id(*file));
  static_cast<void>(state::check_libuv(*file));
}

// A file beside the executable that says to have its debug information.
void check_debug_file(std::string_view bytes) {
  const base::UniqueFd fd = file_of(bytes);
  const auto file = elf::open_elf(fd.get());
  if (!file) return;
  require(elf::sections_of(file.get()).size() <= elf::ElfFile::kMaxHeaders, "sections are limited");
  require(elf::read_section(file.get(), ".gnu_debuglink", 64).size() <= 64,
          "what is read is limited");
  static_cast<void>(elf::build_id_of(file.get()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  check_program(bytes);
  check_debug_file(bytes);
  return 0;
}
