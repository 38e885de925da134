// The stacks of a profile as one tree: what they begin with alike is there once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "expose/profile_words.h"
#include "model/profile.h"

namespace expose {

struct CallTree {
  // Parents stand before their children; the first is the root, which has neither.
  struct Node {
    std::size_t parent = 0;
    std::size_t frame = 0;  // of `frames`
  };
  // Samples whose stack ends in a node.
  struct End {
    std::size_t node = 0;
    std::size_t thread = 0;
    model::GcPhase phase = model::GcPhase::kOutside;
    std::uint64_t samples = 0;
  };
  std::vector<Frame> frames;  // each once
  std::vector<Node> nodes;
  std::vector<End> ends;
};

// Past so many nodes, those below kSmallShare of all samples become one of their parent's, which is
// called "(N small)" by how many they were.
constexpr std::size_t kMaxNodes = 50'000;
constexpr double kSmallShare = 0.0005;

CallTree call_tree(const model::Profile& profile, std::size_t max_nodes = kMaxNodes);

}  // namespace expose
