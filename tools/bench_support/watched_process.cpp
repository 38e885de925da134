#include "bench_support/watched_process.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "bench_support/cpu_clock.h"
#include "elf/usdt.h"
#include "probe/readings.h"

namespace bench {
namespace {

// Events of all the machine's processes, which nobody follows in a bench.
constexpr std::string_view kOfOthers = "process_events_full";

probe::SiteCheck read_sites(const target::Executable& executable) {
  const auto file =
      value_of(elf::ElfFile::open(base::UniqueFd(::dup(executable.fd.get())), executable.path));
  return probe::check_sites(value_of(elf::read_usdt_sites(file, probe::kProvider)));
}

probe::Programs load_programs() {
  const auto groups = value_of(probe::parse_groups(probe::default_groups()));
  return value_of(probe::Programs::load(groups));
}

}  // namespace

std::vector<const probe::ProbeSpec*> default_probes() {
  const auto groups = value_of(probe::parse_groups(probe::default_groups()));
  std::vector<const probe::ProbeSpec*> probes;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    if (spec.group && std::find(groups.begin(), groups.end(), *spec.group) != groups.end()) {
      probes.push_back(&spec);
    }
  }
  return probes;
}

void pin_to_one_cpu(pid_t pid) {
  pin(::getpid(), last_cpu());
  pin(pid, last_cpu());
}

WatchedProcess::WatchedProcess(pid_t pid)
    : pid_(pid),
      executable_(value_of(target::open_executable_of("/proc", pid))),
      sites_(read_sites(executable_)),
      programs_(load_programs()) {
  value_of(programs_.watch(0, pid));
}

probe::Attachment WatchedProcess::attach(std::optional<probe::Group> group) const {
  auto sites = probe::sites_of(sites_);
  if (group)
    std::erase_if(sites, [&](const probe::Site& site) { return site.probe->group != group; });
  std::vector<probe::AttachFailure> failures;
  auto attachment = probe::Attachment::attach(programs_, {executable_fd(), pid_, 0},
                                              probe::Means::kSites, sites, failures);
  if (!failures.empty()) throw std::runtime_error(failures[0].reason);
  return attachment;
}

std::uint64_t WatchedProcess::hits() const {
  std::uint64_t sum = 0;
  for (const auto& probe : probe::read_probe_status(programs_, {})) sum += probe.hits;
  return sum;
}

std::string WatchedProcess::losses() const {
  std::string text;
  for (const auto& loss : probe::read_losses(programs_)) {
    if (loss.count != 0 && loss.cause != kOfOthers)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", loss.cause, loss.count);
  }
  return text;
}

}  // namespace bench
