// The names that are remembered over a restart of ours.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "watch/loose_thread.h"
#include "watch/remembered_names.h"

namespace watch {

// The file of an exporter with this selection in this directory: two that watch different processes
// keep different ones.
std::string name_file_path(const std::string& directory, std::string_view selection);

// Owns the thread that reads and writes the file, since a file system may hang: who asks does not
// wait for it. The directory is one that only we can write, and the file is moved to its place
// whole. What goes wrong is logged once; names are then remembered in memory alone. One thread at a
// time.
class NameFile {
 public:
  // An empty path: nothing is kept.
  explicit NameFile(std::string path);
  // Waits a moment for what was saved last.
  ~NameFile();
  NameFile(const NameFile&) = delete;
  NameFile& operator=(const NameFile&) = delete;

  // What the file says, if it says it by then and is whole. Once, before save().
  std::optional<RememberedNames> load(std::chrono::steady_clock::time_point deadline);

  // Writes it soon; of several only the last one, maybe.
  void save(RememberedNames names);

 private:
  struct Work;

  const std::shared_ptr<Work> work_;
  std::optional<LooseThread> thread_;
};

}  // namespace watch
