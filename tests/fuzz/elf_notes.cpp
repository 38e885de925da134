// Sections of a stranger's file that are parsed from their bytes: USDT notes, the build id, and
// where more debug information stands.
#include <cstring>

#include "elf/build_id.h"
#include "elf/debug_link.h"
#include "elf/usdt_note.h"
#include "fuzz/bytes.h"
#include "fuzz/require.h"

namespace {

using fuzz::require;

template <typename Number>
void append(std::string& section, Number number) {
  section.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// As the assembler's output of <sys/sdt.h> has it.
std::string note_of(const elf::UsdtNote& note) {
  std::string description;
  append(description, note.site_address);
  append(description, note.base_address);
  append(description, note.semaphore_address);
  description.append(note.provider).append(1, '\0').append(note.name).append(1, '\0');
  for (std::size_t i = 0; i < note.operands.size(); ++i) {
    description.append(i == 0 ? "" : " ").append(note.operands[i]);
  }
  description += '\0';
  std::string bytes;
  append(bytes, std::uint32_t{8});
  append(bytes, static_cast<std::uint32_t>(description.size()));
  append(bytes, std::uint32_t{3});
  bytes.append("stapsdt\0", 8).append(description);
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

bool are_same(const elf::UsdtNote& a, const elf::UsdtNote& b) {
  return a.provider == b.provider && a.name == b.name && a.site_address == b.site_address &&
         a.base_address == b.base_address && a.semaphore_address == b.semaphore_address &&
         a.operands == b.operands;
}

void check_notes(std::string_view section) {
  const auto notes = elf::parse_usdt_notes(section);
  if (!notes) {
    require(!notes.error().message.empty(), "who fails says why");
    return;
  }
  require(notes->size() <= elf::kMaxUsdtNotes, "notes are limited");
  std::string written;
  std::size_t bytes = 0;
  for (const elf::UsdtNote& note : *notes) {
    written += note_of(note);
    bytes += note.provider.size() + note.name.size();
    for (const std::string& operand : note.operands) {
      require(!operand.empty() && operand.find(' ') == std::string::npos, "operands are words");
      bytes += operand.size();
    }
  }
  require(bytes <= section.size(), "texts are no longer than their section");
  const auto again = elf::parse_usdt_notes(written);
  require(again && again->size() == notes->size(), "notes that are written are read");
  for (std::size_t i = 0; i < notes->size(); ++i) {
    require(are_same((*notes)[i], (*again)[i]), "a note that is written is read as it was");
  }
}

bool is_hexadecimal(std::string_view text) {
  return text.size() % 2 == 0 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void check_links(std::string_view section) {
  if (const auto id = elf::parse_build_id(section)) {
    require(is_hexadecimal(*id) && !id->empty() && id->size() <= 128, "a build id is one");
  }
  if (const auto link = elf::parse_alternate_link(section)) {
    require(is_hexadecimal(link->build_id) && !link->build_id.empty(), "a link has a build id");
    require(link->path.find('\0') == std::string::npos, "a path has no NUL");
  }
  if (const auto name = elf::parse_debug_link(section)) {
    require(!name->empty() && name->find_first_of(std::string_view("/\0", 2)) == std::string::npos,
            "the name of a file leads nowhere");
    require(*name != "." && *name != "..", "the name of a file is none of a directory");
    require(elf::file_name_of("/a/" + *name) == *name, "the last part of a path is the name");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view section = fuzz::text_of(data, size);
  check_notes(section);
  check_links(section);
  return 0;
}
