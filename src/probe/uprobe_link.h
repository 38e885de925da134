// One program attached to places of one executable in one process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/owned.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "probe/site.h"

struct bpf_link;
struct bpf_program;
extern "C" int bpf_link__destroy(bpf_link* link);

namespace probe {

// File offsets of a site and of its semaphore (0: it has none), and what the program is told there.
struct Place {
  std::uint64_t site = 0;
  std::uint64_t semaphore = 0;
  std::uint64_t cookie = 0;
};

// Owns the kernel's link: attached as long as it lives. Any thread may destroy it, which waits for
// about 0.1 s until the kernel has taken the breakpoints out.
class UprobeLink {
 public:
  // A perf event: one place. `path` names the executable.
  static base::Result<UprobeLink> attach_perf_event(const bpf_program* program,
                                                    const std::string& path, const Place& place,
                                                    At at, int pid);

  // All places in one link. The program must have been loaded for it (Programs::load).
  static base::Result<UprobeLink> attach_multi(const bpf_program* program, const std::string& path,
                                               std::span<const Place> places, At at, int pid);

 private:
  using PerfLink = base::Owned<bpf_link, bpf_link__destroy>;

  explicit UprobeLink(PerfLink link) : perf_link_(std::move(link)) {}
  explicit UprobeLink(base::UniqueFd link) : multi_link_(std::move(link)) {}

  PerfLink perf_link_;  // one of the two
  base::UniqueFd multi_link_;
};

}  // namespace probe
