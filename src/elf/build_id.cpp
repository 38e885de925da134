#include "elf/build_id.h"

#include <cstdint>
#include <cstring>

namespace elf {
namespace {

constexpr std::uint32_t kBuildIdType = 3;  // NT_GNU_BUILD_ID
constexpr std::string_view kOwner{"GNU\0", 4};
constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kMaxIdBytes = 64;

std::uint32_t word_at(std::string_view bytes, std::size_t offset) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + offset, sizeof word);
  return word;
}

}  // namespace

std::optional<std::string> parse_build_id(std::string_view section) {
  if (section.size() < kHeaderBytes + kOwner.size()) return std::nullopt;
  const std::uint32_t owner_bytes = word_at(section, 0);
  const std::uint32_t id_bytes = word_at(section, 4);
  if (owner_bytes != kOwner.size() || word_at(section, 8) != kBuildIdType) return std::nullopt;
  if (section.substr(kHeaderBytes, kOwner.size()) != kOwner) return std::nullopt;
  const std::string_view id = section.substr(kHeaderBytes + kOwner.size());
  if (id_bytes == 0 || id_bytes > kMaxIdBytes || id_bytes > id.size()) return std::nullopt;
  std::string text;
  for (const char byte : id.substr(0, id_bytes)) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return text;
}

std::optional<std::string> read_build_id(const ElfFile& file) {
  const auto section = file.section(".note.gnu.build-id");
  return section ? parse_build_id(section->bytes) : std::nullopt;
}

}  // namespace elf
