// The watched processes, their probes, and what is known about them.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/config.h"
#include "base/result.h"
#include "model/snapshot.h"
#include "probe/attachment.h"
#include "probe/programs.h"
#include "probe/readings.h"
#include "target/watcher.h"

namespace agent {

// Owns the programs, the attachment and the list of targets. Alive means attached: probes fire into
// the maps from start() until the object dies, or until the one watched process does.
// look() is for one thread; collect() for any.
class Collector {
 public:
  // What was chosen and checked, before anything is loaded. Cheap, changes nothing.
  struct Plan {
    target::Executable executable;
    std::optional<target::Process> process;  // none: every process of the executable
    probe::SiteCheck sites;
  };
  static base::Result<Plan> plan(const Config& config);

  // Loads and attaches. Fails whole.
  static base::Result<std::unique_ptr<Collector>> start(Plan plan, const Config& config);

  // Finds new and ended processes. Call it about once a second.
  void look();

  // Reads everything now.
  base::Result<model::Snapshot> collect();

 private:
  Collector(Plan plan, const Config& config, probe::Programs programs);

  void look_locked();
  probe::ProbeSet attached() const;

  const std::string version_;
  const target::Executable executable_;
  const bool one_process_;
  probe::Programs programs_;

  std::mutex mutex_;  // over everything below
  std::optional<probe::Attachment> attachment_;
  target::Watcher watcher_;
  std::vector<target::Target> ended_;  // the one watched process, once it has ended
  std::size_t no_room_ = 0;
};

}  // namespace agent
