// Which layout a program has.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "layout/found_layout.h"
#include "layout/layout_resolution.h"
#include "state/layout.h"
#include "target/program.h"

namespace layout {

inline constexpr const char* kDefaultCacheDirectory = "/var/cache/valkyria_exporter";

struct Config {
  std::string cache_directory = kDefaultCacheDirectory;  // empty: keep nothing on disk
  std::string layout_file;                               // empty: there is none
  std::vector<std::string> debug_directories;            // searched before /usr/lib/debug
};

// Finds layouts: in the file that the operator gave, if that is of the program's build; in the
// cache; in the program's debug information. Also remembers which programs keep us busy in vain.
// Any thread, and many at once: threads that want the layout of the same content share one look,
// and at most two confined processes run at a time. No lock is held meanwhile.
class Layouts {
 public:
  // Reads the layout file, if there is one. Fails when it is none.
  static base::Result<Layouts> open(const Config& config);
  Layouts(Layouts&&) noexcept;
  Layouts& operator=(Layouts&&) noexcept;
  ~Layouts();

  // Fails when the operator gave a layout file of another build than this one; for a selection of
  // one program, where it can't be meant for anybody else.
  base::Result<void> check_given(const std::string& build_id, const std::string& executable) const;

  // Fails where the program has none, with what to do, or, with the cause kTimeout, where finding
  // it takes longer than `max_time`, or `stop` is asked for. Reading files is not part of that
  // time: the program's own first of all, which may hang where its file system does, and those in
  // the debug and cache directories.
  base::Result<FoundLayout> find(const target::Program& program,
                                 std::chrono::milliseconds max_time = kResolveTime,
                                 const std::stop_token& stop = {});

 private:
  struct State;

  explicit Layouts(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace layout
