// Probes attached to one process.
#pragma once

#include <valkyria/abi/codes.h>

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "probe/programs.h"
#include "probe/site.h"
#include "probe/uprobe_link.h"

namespace probe {

// Probes that have a handler, by valk_probe.
using ProbeSet = std::bitset<VALK_PROBES>;

// kSites: the probes of the contract. kFunctions: function probes, which tell less of the same.
enum class Means { kSites, kFunctions };

// Whether a probe of the group is among them.
bool has_any_of(const ProbeSet& probes, Group group);

// What tells of a process.
struct Attached {
  ProbeSet probes;
  Means means = Means::kSites;
  bool knows_heap_use = false;  // of kFunctions: by Programs::tell_heap_use()
};

// Whose program is attached to.
struct AttachTarget {
  int executable_fd = -1;  // names the inode; it is not needed afterwards
  int pid = 0;             // all its threads, not its forked children
  std::uint32_t slot = 0;
};

// A probe that could not be attached. The others are.
struct AttachFailure {
  const ProbeSpec* probe;
  std::string reason;
};

// Owns the kernel's links: attached exactly as long as this object lives. The kernel raises the
// probes' semaphores in the process, and lowers them when the links go, also when this process is
// killed. No other process has a breakpoint for it.
class Attachment {
 public:
  // Attaches the sites whose group is loaded. What can't be attached stands in `failed` and keeps
  // nothing else from being attached: of the probes of the contract, all sites of a probe or none;
  // of function probes all of a group or none, since half of the events would make wrong numbers.
  // Waits where reading the executable would. Never fails: nothing attached is an answer.
  static Attachment attach(const Programs& programs, const AttachTarget& target, Means means,
                           std::span<const Site> sites, std::vector<AttachFailure>& failed);

  Attachment(Attachment&&) = default;
  Attachment& operator=(Attachment&&) = delete;
  // Waits until the kernel has taken every probe out: 0.1 s, or with AttachMethod::kPerfEvent that
  // long for each site. See detach() for many.
  ~Attachment();

  const Attached& attached() const { return attached_; }
  std::size_t links() const { return links_.size(); }

  // Whether something runs at returns, which a seccomp filter can make deadly.
  bool has_returns() const;

  // Takes the groups out that have something at returns, to be detached where the result ends.
  Attachment take_returns();

  // Takes one group out, to be detached where the result ends. Not for a light one: those share
  // their links.
  Attachment take(Group group);

  // Nothing is told of these probes any more; their links stay.
  void disown(const ProbeSet& probes) { attached_.probes &= ~probes; }

 private:
  friend void detach(std::vector<Attachment> attachments);

  struct Link {
    std::vector<Group> groups;
    At at;
    UprobeLink uprobe;
  };
  using Sites = std::vector<Site>;

  explicit Attachment(Means means) : attached_{{}, means, false} {}

  Attachment take_all_of(const std::vector<Group>& groups);

  // Some sites that come and go together, in as few links as can be.
  base::Result<void> add(const Programs& programs, const AttachTarget& target, const Sites& sites);
  base::Result<void> add(const Programs& programs, const AttachTarget& target, const Sites& sites,
                         At at);

  std::vector<Link> links_;
  Attached attached_;
};

// Takes all out side by side, in the time that one takes.
void detach(std::vector<Attachment> attachments);

}  // namespace probe
