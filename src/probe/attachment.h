// Probes attached to one executable.
#pragma once

#include <valkyria/abi/codes.h>

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "probe/programs.h"
#include "probe/site_check.h"
#include "probe/uprobe_link.h"

namespace probe {

// Probes that have a program, by valk_probe.
using ProbeSet = std::bitset<VALK_PROBES>;

// Owns the kernel's links: attached exactly as long as this object lives. The kernel raises the
// probes' semaphores in the processes that run the executable, and lowers them when the links go,
// also when this process is killed.
class Attachment {
 public:
  // Attaches every site of `check` whose probe has a program, and all sites of a probe or none: a
  // probe with a refused site stays detached, since half its events would make wrong numbers.
  // `executable_fd` names the inode; it is not needed afterwards. With `pid`, only that process
  // (all its threads, not its forked children); without, every process that runs the inode.
  // Fails whole: on failure nothing stays attached.
  static base::Result<Attachment> attach(const Programs& programs, int executable_fd,
                                         const SiteCheck& check, std::optional<int> pid);

  Attachment(Attachment&&) = default;
  Attachment& operator=(Attachment&&) = delete;
  // Waits until the kernel has taken every probe out: 0.1 s, or with AttachMethod::kPerfEvent that
  // long for each site.
  ~Attachment();

  const ProbeSet& attached() const { return attached_; }

 private:
  Attachment() = default;
  base::Result<void> attach_probe(const Programs& programs, const std::string& path,
                                  const ProbeSpec& spec, const std::vector<SiteOffsets>& sites,
                                  std::optional<int> pid);

  std::vector<UprobeLink> links_;
  ProbeSet attached_;
};

}  // namespace probe
