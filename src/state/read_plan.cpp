#include "state/read_plan.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "state/layout.h"

namespace state {
namespace {

constexpr std::uint64_t kMaxGapBytes = 256;
constexpr std::size_t kPointerBytes = 8;

// Some bytes of a node that somebody wants.
struct Want {
  std::size_t node = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::size_t* range = nullptr;  // who is to know the range that it comes to lie in
};

class Planner {
 public:
  explicit Planner(const std::vector<elf::Field>& fields) : fields_(fields) {
    plan_.nodes.emplace_back();
    levels_.push_back(0);
    plan_.places.resize(fields.size());
    nodes_of_fields_.reserve(fields.size());
  }

  ReadPlan make() {
    for (const elf::Field& field : fields_) nodes_of_fields_.push_back(node_of(field));
    make_ranges(wants());
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].kind == elf::FieldKind::kPlace) continue;
      FieldPlace& place = plan_.places[i];
      place.offset = begin_of(i) - plan_.ranges[place.range].begin;
    }
    return std::move(plan_);
  }

 private:
  // Offsets in the program itself count from address 0, so a field's address is a part of them.
  static std::uint64_t offset_of(const elf::Field& field, std::size_t index) {
    return field.offsets[index] + (index == 0 ? field.address : 0);
  }

  std::size_t node_of(const elf::Field& field) {
    std::size_t node = 0;
    for (std::size_t i = 0; i + 1 < field.offsets.size(); ++i) {
      const std::uint64_t pointer = offset_of(field, i);
      const auto [known, is_new] = known_.try_emplace({node, pointer}, plan_.nodes.size());
      if (is_new) {
        plan_.nodes.push_back({node, 0, pointer});
        levels_.push_back(levels_[node] + 1);
      }
      node = known->second;
    }
    return node;
  }

  std::uint64_t begin_of(std::size_t field) const {
    return offset_of(fields_[field], fields_[field].offsets.size() - 1);
  }

  std::vector<Want> wants() {
    std::vector<Want> wants;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].kind == elf::FieldKind::kPlace) continue;
      const std::uint64_t begin = begin_of(i);
      const std::uint64_t bytes = end_of(fields_[i]) - fields_[i].offsets.back();
      wants.push_back({nodes_of_fields_[i], begin, begin + bytes, &plan_.places[i].range});
    }
    for (ReadNode& node : plan_.nodes) {
      if (!node.parent) continue;
      wants.push_back({*node.parent, node.pointer_offset, node.pointer_offset + kPointerBytes,
                       &node.parent_range});
    }
    std::sort(wants.begin(), wants.end(), [](const Want& a, const Want& b) {
      return std::tie(a.node, a.begin) < std::tie(b.node, b.begin);
    });
    return wants;
  }

  void make_ranges(const std::vector<Want>& wants) {
    for (const Want& want : wants) {
      const bool joins = !plan_.ranges.empty() && plan_.ranges.back().node == want.node &&
                         want.begin <= plan_.ranges.back().end + kMaxGapBytes;
      if (joins) {
        plan_.ranges.back().end = std::max(plan_.ranges.back().end, want.end);
      } else {
        plan_.ranges.push_back({want.node, want.begin, want.end});
      }
      *want.range = plan_.ranges.size() - 1;
    }
    for (std::size_t i = 0; i < plan_.ranges.size(); ++i) {
      const std::size_t level = levels_[plan_.ranges[i].node];
      if (plan_.levels.size() <= level) plan_.levels.resize(level + 1);
      plan_.levels[level].push_back(i);
    }
  }

  const std::vector<elf::Field>& fields_;
  ReadPlan plan_;
  std::vector<std::size_t> levels_;  // of the nodes
  std::vector<std::size_t> nodes_of_fields_;
  std::map<std::pair<std::size_t, std::uint64_t>, std::size_t> known_;
};

}  // namespace

ReadPlan make_read_plan(const std::vector<elf::Field>& fields) {
  return Planner(fields).make();
}

}  // namespace state
