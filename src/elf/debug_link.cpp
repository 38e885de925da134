#include "elf/debug_link.h"

#include <fmt/format.h>

namespace elf {
namespace {

constexpr std::size_t kMaxNameBytes = 255;  // as the kernel has it
constexpr std::size_t kMaxIdBytes = 64;

// The text up to its end, which must be there.
std::optional<std::string_view> text_at_begin(std::string_view bytes) {
  const std::size_t end = bytes.find('\0');
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  return bytes.substr(0, end);
}

}  // namespace

std::optional<AlternateLink> parse_alternate_link(std::string_view section) {
  const auto path = text_at_begin(section);
  if (!path) return std::nullopt;
  const std::string_view id = section.substr(path->size() + 1);
  if (id.empty() || id.size() > kMaxIdBytes) return std::nullopt;
  AlternateLink link{std::string(*path), {}};
  for (const char byte : id)
    link.build_id += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return link;
}

std::optional<std::string> parse_debug_link(std::string_view section) {
  const auto name = text_at_begin(section);
  if (!name || file_name_of(*name) != *name) return std::nullopt;
  return std::string(*name);
}

std::string file_name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (name.empty() || name == "." || name == ".." || name.size() > kMaxNameBytes) return {};
  return name.find('\0') == std::string_view::npos ? std::string(name) : std::string();
}

}  // namespace elf
