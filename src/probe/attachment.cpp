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
  const std::string path = fmt::format("/proc/self/fd/{}", executable_fd);
  Attachment attachment;
  for (const ProbeSpec& spec : contract()) {
    const auto sites = sites_of(check, spec);
    if (sites.empty() || programs.program(spec) == nullptr || has_refused_site(check, spec.name)) {
      continue;
    }
    if (auto done = attachment.attach_probe(programs, path, spec, sites, pid); !done) {
      return fail("attach {}: {}", spec.name, done.error().message);
    }
    attachment.attached_.set(*spec.hit_slot);
  }
  return attachment;
}

Result<void> Attachment::attach_probe(const Programs& programs, const std::string& path,
                                      const ProbeSpec& spec, const std::vector<SiteOffsets>& sites,
                                      std::optional<int> pid) {
  const bpf_program* program = programs.program(spec);
  switch (programs.attach_method()) {
    case AttachMethod::kUprobeMulti: {
      auto link = UprobeLink::attach_multi(program, path, sites, pid);
      if (!link) return tl::make_unexpected(link.error());
      links_.push_back(std::move(*link));
      return {};
    }
    case AttachMethod::kPerfEvent:
      for (const SiteOffsets& site : sites) {
        auto link = UprobeLink::attach_perf_event(program, path, site, pid);
        if (!link) return tl::make_unexpected(link.error());
        links_.push_back(std::move(*link));
      }
      return {};
  }
  return {};
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
