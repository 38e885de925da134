#include "expose/call_tree.h"

#include <fmt/core.h>

#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace expose {
namespace {

// Makes a tree, by a look at each frame of each stack.
class Builder {
 public:
  Builder() { tree_.nodes.push_back({}); }

  std::size_t frame_of(const Frame& frame) {
    const auto [at, is_new] =
        frames_.try_emplace({frame.name, frame.kind, frame.module}, tree_.frames.size());
    if (is_new) tree_.frames.push_back(frame);
    return at->second;
  }

  std::size_t child_of(std::size_t parent, std::size_t frame) {
    const std::uint64_t key = static_cast<std::uint64_t>(parent) << 32U | frame;
    const auto [at, is_new] = children_.try_emplace(key, tree_.nodes.size());
    if (is_new) tree_.nodes.push_back({parent, frame});
    return at->second;
  }

  void add(const CallTree::End& end) { ends_[{end.node, end.thread, end.phase}] += end.samples; }

  CallTree take() {
    for (const auto& [where, samples] : ends_) {
      const auto& [node, thread, phase] = where;
      tree_.ends.push_back({node, thread, phase, samples});
    }
    return std::move(tree_);
  }

 private:
  CallTree tree_;
  std::map<std::tuple<std::string, model::FunctionKind, std::string>, std::size_t> frames_;
  std::unordered_map<std::uint64_t, std::size_t> children_;
  std::map<std::tuple<std::size_t, std::size_t, model::GcPhase>, std::uint64_t> ends_;
};

CallTree whole_tree(const model::Profile& profile) {
  Builder builder;
  std::vector<std::vector<std::size_t>> of_location;
  for (const std::vector<Frame>& frames : frames_of_locations(profile)) {
    std::vector<std::size_t>& numbers = of_location.emplace_back();
    for (const Frame& frame : frames) numbers.push_back(builder.frame_of(frame));
  }
  for (const model::ProfileStack& stack : profile.stacks) {
    std::size_t node = 0;
    for (auto at = stack.locations.rbegin(); at != stack.locations.rend(); ++at) {
      for (const std::size_t frame : of_location[*at]) node = builder.child_of(node, frame);
    }
    builder.add({node, stack.thread, stack.phase, stack.samples});
  }
  return builder.take();
}

// Samples in each node or below it.
std::vector<std::uint64_t> totals_of(const CallTree& tree) {
  std::vector<std::uint64_t> totals(tree.nodes.size());
  for (const CallTree::End& end : tree.ends) totals[end.node] += end.samples;
  for (std::size_t i = tree.nodes.size() - 1; i > 0; --i) totals[tree.nodes[i].parent] += totals[i];
  return totals;
}

CallTree without_small(const CallTree& tree) {
  const std::vector<std::uint64_t> totals = totals_of(tree);
  const double least = kSmallShare * static_cast<double>(totals[0]);
  // Of each node the one that stays in its place: itself, or its last forefather that is not small.
  std::vector<std::size_t> stays(tree.nodes.size());
  std::vector<std::size_t> small_below(tree.nodes.size());
  for (std::size_t i = 1; i < tree.nodes.size(); ++i) {
    const bool is_small = static_cast<double>(totals[i]) < least;
    stays[i] = is_small ? stays[tree.nodes[i].parent] : i;
    if (is_small) ++small_below[stays[i]];
  }
  Builder builder;
  std::vector<std::size_t> moved(tree.nodes.size());
  for (std::size_t i = 1; i < tree.nodes.size(); ++i) {
    if (stays[i] != i) continue;
    const std::size_t frame = builder.frame_of(tree.frames[tree.nodes[i].frame]);
    moved[i] = builder.child_of(moved[tree.nodes[i].parent], frame);
  }
  for (const CallTree::End& end : tree.ends) {
    const std::size_t stay = stays[end.node];
    std::size_t node = moved[stay];
    if (stay != end.node) {
      const Frame small{
          fmt::format("({} small)", small_below[stay]), model::FunctionKind::kMarker, {}, {}};
      node = builder.child_of(node, builder.frame_of(small));
    }
    builder.add({node, end.thread, end.phase, end.samples});
  }
  return builder.take();
}

}  // namespace

CallTree call_tree(const model::Profile& profile, std::size_t max_nodes) {
  CallTree tree = whole_tree(profile);
  return tree.nodes.size() > max_nodes ? without_small(tree) : tree;
}

}  // namespace expose
