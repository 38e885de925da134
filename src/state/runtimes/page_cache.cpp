#include "state/runtimes/page_cache.h"

#include <array>
#include <cstring>
#include <span>

namespace state {

const std::vector<std::byte>* PageCache::page(std::uint64_t number) {
  auto known = pages_.find(number);
  if (known == pages_.end()) {
    if (pages_.size() >= kMaxPages) return nullptr;
    known = pages_.try_emplace(number, kPageBytes).first;
    std::array pieces{memory::Piece{number * kPageBytes, known->second}};
    if (!memory_.read(pieces) || !pieces[0].complete) known->second.clear();
  }
  return known->second.empty() ? nullptr : &known->second;
}

std::optional<std::uint64_t> PageCache::word(std::uint64_t address) {
  if (address % sizeof(std::uint64_t) != 0) return std::nullopt;
  const auto* const bytes = page(address / kPageBytes);
  if (bytes == nullptr) return std::nullopt;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes->data() + address % kPageBytes, sizeof(word));
  return word;
}

std::optional<std::byte> PageCache::byte(std::uint64_t address) {
  const auto* const bytes = page(address / kPageBytes);
  return bytes != nullptr ? std::optional((*bytes)[address % kPageBytes]) : std::nullopt;
}

bool PageCache::has_text(std::uint64_t address, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte(address + i) != static_cast<std::byte>(text[i])) return false;
  }
  return byte(address + text.size()) == std::byte{0};
}

}  // namespace state
