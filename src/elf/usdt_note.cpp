#include "elf/usdt_note.h"

#include <cstring>
#include <optional>

namespace elf {
namespace {

using base::fail;
using base::Result;

constexpr std::uint32_t kStapsdtType = 3;
constexpr std::string_view kStapsdtOwner{"stapsdt\0", 8};

// Takes bytes off the front of a text, never more than there are.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }

  std::optional<std::string_view> take(std::uint64_t size) {
    if (size > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  // Notes are padded to four bytes; the last one may lack the padding.
  std::optional<std::string_view> take_padded(std::uint32_t size) {
    const auto taken = take(size);
    const std::size_t padding = (4 - size % 4) % 4;
    rest_.remove_prefix(std::min(padding, rest_.size()));
    return taken;
  }

  template <typename Integer>
  std::optional<Integer> take_integer() {
    const auto bytes = take(sizeof(Integer));
    if (!bytes) return std::nullopt;
    Integer value;
    std::memcpy(&value, bytes->data(), sizeof value);
    return value;
  }

  std::optional<std::string_view> take_text() {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

 private:
  std::string_view rest_;
};

std::vector<std::string> split_operands(std::string_view text) {
  std::vector<std::string> operands;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) operands.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return operands;
}

std::optional<UsdtNote> parse_description(std::string_view bytes) {
  Cursor cursor(bytes);
  const auto site = cursor.take_integer<std::uint64_t>();
  const auto base = cursor.take_integer<std::uint64_t>();
  const auto semaphore = cursor.take_integer<std::uint64_t>();
  const auto provider = cursor.take_text();
  const auto name = cursor.take_text();
  const auto operands = cursor.take_text();
  if (!site || !base || !semaphore || !provider || !name || !operands) return std::nullopt;
  return UsdtNote{std::string(*provider),   std::string(*name), *site, *base, *semaphore,
                  split_operands(*operands)};
}

}  // namespace

Result<std::vector<UsdtNote>> parse_usdt_notes(std::string_view section) {
  std::vector<UsdtNote> notes;
  Cursor cursor(section);
  for (std::size_t seen = 0; !cursor.empty(); ++seen) {
    if (seen == kMaxUsdtNotes) return fail("more than {} notes", kMaxUsdtNotes);
    const auto owner_size = cursor.take_integer<std::uint32_t>();
    const auto description_size = cursor.take_integer<std::uint32_t>();
    const auto type = cursor.take_integer<std::uint32_t>();
    if (!owner_size || !description_size || !type) return fail("USDT note {}: cut", notes.size());
    const auto owner = cursor.take_padded(*owner_size);
    const auto description = cursor.take_padded(*description_size);
    if (!owner || !description) {
      return fail("USDT note {}: longer than its section", notes.size());
    }
    if (*type != kStapsdtType || *owner != kStapsdtOwner) continue;
    auto note = parse_description(*description);
    if (!note) return fail("USDT note {}: broken description", notes.size());
    notes.push_back(std::move(*note));
  }
  return notes;
}

}  // namespace elf
