// The names of the processes that are watched, now and before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "target/naming.h"
#include "watch/config.h"
#include "watch/name_book.h"
#include "watch/name_file.h"
#include "watch/recogniser.h"

namespace watch {

// What processes are called by, with this configuration.
std::vector<target::NameSource> name_sources(const Config& config);

// Owns the book of names and the file that remembers it, in the directory of layouts. Used by the
// thread that follows processes; waits for no file but for a moment in recall(). Where one process
// is watched, it has no name, and nothing is kept.
class Names {
 public:
  explicit Names(const Config& config);
  // Saves that what runs has been seen until now.
  ~Names();
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  // Takes up what the file says. Once, before the first name.
  void recall();

  // The name of a process; none: ask again in a moment (NameBook).
  std::optional<std::string> name(const Recognised& recognised, NameBook::Port port);

  // What was found out since about one that has a name.
  void learn(const Recognised& recognised);

  // It is watched no more.
  void end(const model::ProcessId& id);

  // Looks whether those still run that only the file tells of. Call it now and then.
  void look_for_ends();

 private:
  void save_changes();
  void save();

  const std::string proc_root_;
  const bool is_used_;
  const bool is_kept_;
  const std::string boot_id_;
  NameBook book_;
  NameFile file_;
  std::uint64_t saved_changes_ = 0;
};

}  // namespace watch
