// One program attached to sites of one executable.
#pragma once

#include <bpf/libbpf.h>

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/owned.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace probe {

// File offsets of a probe site and of its semaphore; 0: it has none.
struct SiteOffsets {
  unsigned long site;
  unsigned long semaphore;
};

// Whether a program runs where control arrives, or, of the function that begins there, when it
// returns.
enum class At { kEntry, kReturn };

// Owns the kernel's link: attached as long as it lives. Any thread may destroy it.
class UprobeLink {
 public:
  // A perf event: one site. `path` names the executable; `pid` restricts to one process.
  static base::Result<UprobeLink> attach_perf_event(const bpf_program* program,
                                                    const std::string& path, SiteOffsets site,
                                                    At at, std::optional<int> pid);

  // All sites in one link. The program must have been loaded for it (Programs::load).
  static base::Result<UprobeLink> attach_multi(const bpf_program* program, const std::string& path,
                                               std::span<const SiteOffsets> sites, At at,
                                               std::optional<int> pid);

 private:
  using PerfLink = base::Owned<bpf_link, bpf_link__destroy>;

  explicit UprobeLink(PerfLink link) : perf_link_(std::move(link)) {}
  explicit UprobeLink(base::UniqueFd link) : multi_link_(std::move(link)) {}

  PerfLink perf_link_;  // one of the two
  base::UniqueFd multi_link_;
};

}  // namespace probe
