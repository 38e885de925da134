#include "state/runtimes/text_cache.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace state {
namespace {

constexpr std::size_t kMaxTexts = 10'000;
constexpr std::size_t kMaxTextBytes = TextCache::kMaxBytes + 1;  // with the NUL
constexpr std::uint64_t kPageBytes = 4096;

// A text's bytes up to the end of its page, and those behind it: the next page may not be there.
struct Pending {
  std::uint64_t pointer = 0;
  std::array<std::byte, kMaxTextBytes> bytes{};
  std::size_t first_bytes = 0;
};

}  // namespace

base::Result<void> TextCache::read(memory::Memory& memory,
                                   std::span<const std::uint64_t> pointers) {
  std::vector<std::uint64_t> unknown;
  for (const std::uint64_t pointer : pointers) {
    if (pointer != 0 && !texts_.contains(pointer)) unknown.push_back(pointer);
  }
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  if (unknown.empty()) return {};

  std::vector<Pending> pending(unknown.size());
  std::vector<memory::Piece> pieces;
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    Pending& text = pending[i];
    text.pointer = unknown[i];
    text.first_bytes = std::min<std::size_t>(kMaxTextBytes, kPageBytes - unknown[i] % kPageBytes);
    pieces.push_back({unknown[i], std::span(text.bytes).first(text.first_bytes)});
    pieces.push_back(
        {unknown[i] + text.first_bytes, std::span(text.bytes).subspan(text.first_bytes)});
  }
  if (auto done = memory.read(pieces); !done) return done;
  for (std::size_t i = 0; i < pending.size() && texts_.size() < kMaxTexts; ++i) {
    if (!pieces[2 * i].complete) continue;
    const bool has_rest = pieces[2 * i + 1].complete;
    const auto* const begin = reinterpret_cast<const char*>(pending[i].bytes.data());
    const std::size_t known = has_rest ? kMaxTextBytes : pending[i].first_bytes;
    texts_.emplace(pending[i].pointer, std::string(begin, ::strnlen(begin, known - 1)));
  }
  return {};
}

std::optional<std::string> TextCache::find(std::uint64_t pointer) const {
  const auto found = texts_.find(pointer);
  return found == texts_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace state
