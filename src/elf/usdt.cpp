#include "elf/usdt.h"

#include <utility>

#include "elf/usdt_note.h"

namespace elf {
namespace {

using base::fail;
using base::Result;

Result<UsdtSite> locate(const ElfFile& file, UsdtNote note, std::uint64_t slide) {
  const std::uint64_t address = note.site_address + slide;
  const auto offset = file.code_offset(address);
  if (!offset) {
    return fail("read {}: probe {} stands at {:#x}, outside the file's code", file.name(),
                note.name, note.site_address);
  }
  UsdtSite site;
  site.name = std::move(note.name);
  site.address = address;
  site.file_offset = *offset;
  site.operands = std::move(note.operands);
  site.instruction = read_instruction(file, *offset);
  if (note.semaphore_address != 0) {
    site.semaphore_address = note.semaphore_address + slide;
    site.semaphore_file_offset = file.file_offset(site.semaphore_address);
    if (!site.semaphore_file_offset) {
      return fail("read {}: the semaphore of probe {} stands at {:#x}, outside the file's segments",
                  file.name(), site.name, site.semaphore_address);
    }
  }
  return site;
}

}  // namespace

SiteInstruction read_instruction(const ElfFile& file, std::uint64_t file_offset) {
  const std::string bytes = file.read_at(file_offset, 5);
  if (bytes.starts_with('\x90')) return SiteInstruction::kNop1;
  if (bytes == std::string_view("\x0f\x1f\x44\x00\x00", 5)) return SiteInstruction::kNop5;
  return SiteInstruction::kOther;
}

Result<std::vector<UsdtSite>> read_usdt_sites(const ElfFile& file, std::string_view provider) {
  const auto section = file.section(".note.stapsdt");
  if (!section) return std::vector<UsdtSite>{};
  auto notes = parse_usdt_notes(section->bytes);
  if (!notes) return fail("read {}: {}", file.name(), notes.error().message);
  const auto base = file.section(".stapsdt.base");
  std::vector<UsdtSite> sites;
  for (UsdtNote& note : *notes) {
    if (note.provider != provider) continue;
    const std::uint64_t slide = base ? base->address - note.base_address : 0;
    auto site = locate(file, std::move(note), slide);
    if (!site) return base::pass_on(site);
    sites.push_back(std::move(*site));
  }
  return sites;
}

}  // namespace elf
