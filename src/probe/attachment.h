// Probes attached to one executable.
#pragma once

#include <valkyria/abi/codes.h>

#include <bitset>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "probe/function_probes.h"
#include "probe/programs.h"
#include "probe/site_check.h"
#include "probe/uprobe_link.h"

namespace probe {

// Probes that have a program, by valk_probe.
using ProbeSet = std::bitset<VALK_PROBES>;

// kSites: the probes of the contract. kFunctions: function probes, which tell less of the same.
enum class Means { kSites, kFunctions };

// What tells of a process.
struct Attached {
  ProbeSet probes;
  Means means = Means::kSites;
};

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

  // Attaches the function probes of `check` whose group is loaded, to one process: then no other
  // process that runs the file can be harmed by a probed return. Where one can't be attached, its
  // group is left out and stands in `failed`. Never fails.
  static Attachment attach_functions(const Programs& programs, int executable_fd,
                                     const FunctionCheck& check, int pid,
                                     std::vector<RefusedFunction>& failed);

  Attachment(Attachment&&) = default;
  Attachment& operator=(Attachment&&) = delete;
  // Waits until the kernel has taken every probe out: 0.1 s, or with AttachMethod::kPerfEvent that
  // long for each site.
  ~Attachment();

  const Attached& attached() const { return attached_; }

  // Whether something runs at returns, which a seccomp filter can make deadly.
  bool has_returns() const;

  // Takes the groups out that have something at returns, to be detached where the result ends.
  Attachment take_returns();

 private:
  explicit Attachment(Means means) : attached_{{}, means} {}
  // What one program is attached to.
  struct Places {
    std::vector<SiteOffsets> sites;
    At at = At::kEntry;
  };
  struct Link {
    Group group;
    At at;
    UprobeLink uprobe;
  };

  // Takes the links of these groups out.
  Attachment take(const std::set<Group>& groups);
  base::Result<void> add(const Programs& programs, Group group, std::string_view program,
                         int executable_fd, const Places& places, std::optional<int> pid);

  std::vector<Link> links_;
  Attached attached_;
};

}  // namespace probe
