// A process with probes, to attach to and to detach from again and again.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "bench_support/value_of.h"
#include "probe/attachment.h"
#include "probe/programs.h"
#include "probe/site_check.h"
#include "target/executable.h"

namespace bench {

// Probes of the groups that are attached by default, in the order of the contract.
std::vector<const probe::ProbeSpec*> default_probes();

// Keeps the process and the calling thread on one CPU, the same for both. They take turns anyway,
// and waking another CPU up would cost more, and more unevenly, than all that is measured here.
void pin_to_one_cpu(pid_t pid);

// Owns the default groups' programs, loaded as for serving, and the executable of one process.
class WatchedProcess {
 public:
  explicit WatchedProcess(pid_t pid);

  pid_t pid() const { return pid_; }
  int executable_fd() const { return executable_.fd.get(); }
  const probe::SiteCheck& sites() const { return sites_; }

  // Attached as long as the result lives: the probes of all default groups, or of one. What was
  // counted stays from one time to the next.
  probe::Attachment attach(std::optional<probe::Group> group = std::nullopt) const;

  const probe::Programs& programs() const { return programs_; }

  std::uint64_t hits() const;

  // What the programs did not count as usual, such as "gc_begin_unseen 3"; empty when all is well.
  std::string losses() const;

 private:
  pid_t pid_;
  target::Executable executable_;
  probe::SiteCheck sites_;
  probe::Programs programs_;
};

}  // namespace bench
