// Probes attached to one executable.
#pragma once

#include <bpf/libbpf.h>
#include <valkyria/abi/codes.h>

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "base/owned.h"
#include "base/result.h"
#include "probe/programs.h"
#include "probe/site_check.h"

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
  // Takes about as long as one link (0.1 s), however many there are.
  ~Attachment();

  const ProbeSet& attached() const { return attached_; }

 private:
  using Link = base::Owned<bpf_link, bpf_link__destroy>;

  Attachment() = default;

  std::vector<Link> links_;
  ProbeSet attached_;
};

}  // namespace probe
