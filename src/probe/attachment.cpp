#include "probe/attachment.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

namespace probe {
namespace {

using base::fail;
using base::Result;

constexpr std::size_t kMaxDetachThreads = 64;

bool has_refused_site(const SiteCheck& check, std::string_view probe) {
  return std::any_of(check.refused.begin(), check.refused.end(),
                     [&](const RefusedSite& refused) { return refused.probe == probe; });
}

std::vector<SiteOffsets> sites_of(const SiteCheck& check, const ProbeSpec& spec) {
  std::vector<SiteOffsets> sites;
  for (const CheckedSite& checked : check.good) {
    if (checked.spec != &spec) continue;
    sites.push_back({checked.site.file_offset, *checked.site.semaphore_file_offset});
  }
  return sites;
}

}  // namespace

Result<Attachment> Attachment::attach(const Programs& programs, int executable_fd,
                                      const SiteCheck& check, std::optional<int> pid) {
  Attachment attachment(Means::kSites);
  for (const ProbeSpec& spec : contract()) {
    const Places places{sites_of(check, spec), At::kEntry};
    if (places.sites.empty() || programs.program(spec) == nullptr ||
        has_refused_site(check, spec.name)) {
      continue;
    }
    if (auto done = attachment.add(programs, *spec.group, spec.name, executable_fd, places, pid);
        !done) {
      return fail("attach {}: {}", spec.name, done.error().message);
    }
    attachment.attached_.probes.set(*spec.hit_slot);
  }
  return attachment;
}

Attachment Attachment::attach_functions(const Programs& programs, int executable_fd,
                                        const FunctionCheck& check, int pid,
                                        std::vector<RefusedFunction>& failed) {
  Attachment attachment(Means::kFunctions);
  std::set<Group> halves;
  for (const FunctionSite& site : check.good) {
    const FunctionProbe& probe = *site.probe;
    const Group group = group_of(probe);
    if (!programs.has(group) || halves.contains(group)) continue;
    const Places places{{{site.file_offset, 0}}, probe.at};
    if (auto done = attachment.add(programs, group, probe.program, executable_fd, places, pid);
        !done) {
      failed.push_back({&probe, done.error().message});
      halves.insert(group);
      continue;
    }
    attachment.attached_.probes.set(*find_probe(probe.probe)->hit_slot);
  }
  attachment.take(halves);
  return attachment;
}

Result<void> Attachment::add(const Programs& programs, Group group, std::string_view name,
                             int executable_fd, const Places& places, std::optional<int> pid) {
  const std::string path = fmt::format("/proc/self/fd/{}", executable_fd);
  const bpf_program* const program = programs.program(group, name);
  switch (programs.attach_method()) {
    case AttachMethod::kUprobeMulti: {
      auto link = UprobeLink::attach_multi(program, path, places.sites, places.at, pid);
      if (!link) return base::pass_on(link);
      links_.push_back({group, places.at, std::move(*link)});
      return {};
    }
    case AttachMethod::kPerfEvent:
      for (const SiteOffsets& site : places.sites) {
        auto link = UprobeLink::attach_perf_event(program, path, site, places.at, pid);
        if (!link) return base::pass_on(link);
        links_.push_back({group, places.at, std::move(*link)});
      }
      return {};
  }
  return {};
}

bool Attachment::has_returns() const {
  return std::any_of(links_.begin(), links_.end(),
                     [](const Link& link) { return link.at == At::kReturn; });
}

Attachment Attachment::take_returns() {
  std::set<Group> groups;
  for (const Link& link : links_) {
    if (link.at == At::kReturn) groups.insert(link.group);
  }
  return take(groups);
}

Attachment Attachment::take(const std::set<Group>& groups) {
  Attachment taken(attached_.means);
  std::vector<Link> kept;
  for (Link& link : links_) {
    (groups.contains(link.group) ? taken.links_ : kept).push_back(std::move(link));
  }
  links_ = std::move(kept);
  for (const ProbeSpec& spec : contract()) {
    if (!spec.group || !spec.hit_slot || !groups.contains(*spec.group)) continue;
    taken.attached_.probes[*spec.hit_slot] = attached_.probes[*spec.hit_slot];
    attached_.probes.reset(*spec.hit_slot);
  }
  return taken;
}

Attachment::~Attachment() {
  // Each link waits out a grace period of the kernel when it goes: let them wait side by side.
  std::vector<std::jthread> threads;
  while (!links_.empty() && threads.size() < kMaxDetachThreads) {
    try {
      threads.emplace_back([owned = std::move(links_.back())] {});
    } catch (const std::system_error&) {
      break;  // no more threads to be had: the links die with links_, one after the other
    }
    links_.pop_back();
  }
}

}  // namespace probe
