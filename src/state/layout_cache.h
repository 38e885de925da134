// Layouts on disk, so that debug information is read once a build and not once a start.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "state/layout.h"

namespace state {

// A directory of layout files, one a binary, named by the hash of the binary's content: a binary
// chooses its own build id, but not its hash. Safe to delete at any time. Nobody but its owner may
// read or write it: a directory that others could have written to is not used.
// Anything that goes wrong costs time only: it is logged, once, and the layout is resolved again.
// Any thread; what several store under one hash is the same.
class LayoutCache {
 public:
  // An empty directory name: keeps nothing.
  explicit LayoutCache(std::string directory);

  // What was stored under this hash, if it is whole.
  std::optional<Layout> find(const std::string& content_hash);

  // Makes the directory where it is missing. Past 200 files the oldest goes.
  void store(const std::string& content_hash, const Layout& layout);

 private:
  bool is_usable();
  void tell_once(const std::string& problem);

  std::string directory_;
  std::atomic<bool> told_ = false;
};

}  // namespace state
