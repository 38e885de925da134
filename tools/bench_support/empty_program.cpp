#include "bench_support/empty_program.h"

#include <algorithm>

#include "empty.skel.h"

namespace bench {
namespace {

// BPF_TRACE_UPROBE_MULTI of <linux/bpf.h> since Linux 6.6; Debian 12's header is older.
constexpr auto kTraceUprobeMulti = static_cast<bpf_attach_type>(48);

// Of all default probes.
std::vector<probe::Place> places_of(const WatchedProcess& process) {
  const auto probes = default_probes();
  std::vector<probe::Place> sites;
  for (const auto& checked : process.sites().good) {
    if (std::find(probes.begin(), probes.end(), checked.spec) == probes.end()) continue;
    sites.push_back({checked.site.file_offset, *checked.site.semaphore_file_offset, 0});
  }
  return sites;
}

}  // namespace

void EmptyProgram::Destroy::operator()(empty_bpf* skeleton) const {
  empty_bpf__destroy(skeleton);
}

EmptyProgram::EmptyProgram() : skeleton_(empty_bpf__open()) {
  if (!skeleton_) throw std::runtime_error("open the empty BPF program");
  if (probe::best_attach_method() == probe::AttachMethod::kUprobeMulti) {
    bpf_program__set_expected_attach_type(skeleton_->progs.empty, kTraceUprobeMulti);
  }
  if (empty_bpf__load(skeleton_.get()) != 0) throw std::runtime_error("load the empty BPF program");
}

std::vector<probe::UprobeLink> EmptyProgram::attach(const WatchedProcess& process) const {
  const std::string path = fmt::format("/proc/self/fd/{}", process.executable_fd());
  const bpf_program* program = skeleton_->progs.empty;
  const auto sites = places_of(process);
  std::vector<probe::UprobeLink> links;
  switch (probe::best_attach_method()) {
    case probe::AttachMethod::kUprobeMulti:
      links.push_back(value_of(
          probe::UprobeLink::attach_multi(program, path, sites, probe::At::kEntry, process.pid())));
      break;
    case probe::AttachMethod::kPerfEvent:
      for (const auto& site : sites) {
        links.push_back(value_of(probe::UprobeLink::attach_perf_event(
            program, path, site, probe::At::kEntry, process.pid())));
      }
      break;
  }
  return links;
}

}  // namespace bench
