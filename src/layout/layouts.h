// Which layout a program has.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "layout/layout_resolution.h"
#include "state/layout.h"
#include "state/layout_cache.h"
#include "target/program.h"

namespace layout {

inline constexpr const char* kDefaultCacheDirectory = "/var/cache/valkyria_exporter";

struct Config {
  std::string cache_directory = kDefaultCacheDirectory;  // empty: keep nothing on disk
  std::string layout_file;                               // empty: there is none
  std::vector<std::string> debug_directories;            // searched before /usr/lib/debug
};

// A layout and where it was found, for people: "the cache", "debug information".
struct FoundLayout {
  state::Layout layout;
  std::string origin;
};

// Finds layouts: in the file that the operator gave, if that is of the program's build; in the
// cache; in the program's debug information. Also remembers which programs keep us busy in vain.
// Finding can take long, so no lock is held meanwhile. One thread at a time.
class Layouts {
 public:
  // Reads the layout file, if there is one. Fails when it is none.
  static base::Result<Layouts> open(const Config& config);

  // Fails when the operator gave a layout file of another build than this one; for a selection of
  // one program, where it can't be meant for anybody else.
  base::Result<void> check_given(const std::string& build_id, const std::string& executable) const;

  // Fails where the program has none, with what to do, or where finding it takes longer than
  // `max_time`, or `stop` is asked for.
  base::Result<FoundLayout> find(const target::Program& program,
                                 std::chrono::milliseconds max_time = kResolveTime,
                                 const std::stop_token& stop = {});

 private:
  explicit Layouts(const Config& config) : config_(config), cache_(config.cache_directory) {}

  base::Result<FoundLayout> resolve(const target::Program& program,
                                    const std::optional<std::string>& content_hash,
                                    std::chrono::milliseconds max_time,
                                    const std::stop_token& stop);

  Config config_;
  std::optional<state::Layout> given_;
  state::LayoutCache cache_;
  struct Failure {
    std::string message;
    std::chrono::steady_clock::time_point until;  // a busy machine may have been the reason
  };
  std::map<std::string, Failure> failures_;  // that took long, by content hash
};

}  // namespace layout
