#include "profile/row_cache.h"

#include <utility>

namespace profile {

const elf::UnwindRow* RowCache::row_at(std::uint64_t linked_address) {
  const auto after = rows_.upper_bound(linked_address);
  if (after != rows_.begin()) {
    const elf::UnwindRow& row = std::prev(after)->second;
    if (linked_address < row.end) return &row;
  }
  if (without_.contains(linked_address)) return nullptr;
  if (rows_.size() + without_.size() >= kMaxRows) {
    rows_.clear();
    without_.clear();
  }
  auto row = frames_.row_at(linked_address);
  if (!row) {
    without_.insert(linked_address);
    return nullptr;
  }
  const std::uint64_t begin = row->begin;
  return &rows_.insert_or_assign(begin, std::move(*row)).first->second;
}

}  // namespace profile
