#include "agent/probe_listing.h"

#include <algorithm>

#include "agent/inspection.h"
#include "agent/sources.h"
#include "agent/state_source.h"
#include "memory/remote_read.h"
#include "probe/attach_method.h"
#include "probe/families_of_probe.h"
#include "probe/site_check.h"

namespace agent {
namespace {

using base::fail;
using base::Result;
using model::Attachability;

std::vector<model::SiteListing> list_sites(const std::vector<elf::UsdtSite>& sites,
                                           std::string_view probe, std::uint64_t load_bias) {
  std::vector<model::SiteListing> listing;
  for (const elf::UsdtSite& site : sites) {
    if (site.name != probe) continue;
    listing.push_back({site.file_offset, site.address + load_bias, site.operands});
  }
  return listing;
}

std::vector<model::SemaphoreListing> list_semaphores(const std::vector<Semaphore>& semaphores,
                                                     std::string_view probe, int pid) {
  std::vector<model::SemaphoreListing> listing;
  for (const Semaphore& semaphore : semaphores) {
    if (semaphore.probe != probe) continue;
    const auto value = memory::read_uint16(pid, semaphore.address);
    listing.push_back({semaphore.address, value ? std::optional(*value) : std::nullopt});
  }
  return listing;
}

void judge(model::ProbeListing& listing, const probe::ProbeSpec& spec,
           const probe::SiteCheck& check) {
  const auto refused =
      std::find_if(check.refused.begin(), check.refused.end(),
                   [&](const probe::RefusedSite& site) { return site.probe == spec.name; });
  if (listing.sites.empty()) {
    listing.attachability = Attachability::kAbsent;
    listing.how = "not in this binary";
  } else if (refused != check.refused.end()) {
    listing.attachability = Attachability::kRefused;
    listing.how = refused->reason;
  } else if (!spec.group) {
    listing.attachability = Attachability::kUncounted;
    listing.how = "no group counts it";
  } else {
    listing.attachability = Attachability::kAttachable;
    listing.how = name_of(probe::best_attach_method());
  }
}

// What attaching all the groups that are on by default would attach.
probe::ProbeSet attachable(const probe::SiteCheck& check) {
  probe::ProbeSet set;
  for (const probe::CheckedSite& site : check.good) {
    if (site.spec->group && site.spec->hit_slot) set.set(*site.spec->hit_slot);
  }
  return set;
}

// Where serving would take each family from.
std::vector<model::FamilySource> list_state(model::StateListing& listing,
                                            const std::string& proc_root, const FoundProcess& found,
                                            const probe::SiteCheck& check,
                                            const LayoutConfig& config) {
  auto executable = target::open_executable_of(proc_root, found.process.id.pid);
  const auto program = executable ? target::read_program(std::move(*executable), probe::kProvider)
                                  : tl::make_unexpected(executable.error());
  auto layouts = Layouts::open(config);
  const auto known = layouts && program
                         ? base::Result<void>()
                         : tl::make_unexpected(layouts ? program.error() : layouts.error());
  const auto fits = known ? layouts->check_given(program->build_id, found.executable.path) : known;
  auto layout = fits ? layouts->find(*program) : tl::make_unexpected(fits.error());
  auto source =
      layout ? StateSource::open(proc_root, found.process.id.pid, *program, std::move(*layout))
             : tl::make_unexpected(layout.error());
  if (!source) {
    listing.how = source.error().message;
    return {};
  }
  listing.layout = (*source)->layout_name();
  listing.how = (*source)->layout_origin();
  auto sources = choose_sources((*source)->families(), attachable(check));
  for (const model::FamilySource& chosen : sources) {
    if (chosen.source == model::Source::kState) listing.families.emplace_back(chosen.family);
  }
  return sources;
}

}  // namespace

Result<model::ProcessProbes> list_probes(int pid, const LayoutConfig& layouts,
                                         const std::string& proc_root) {
  const auto found = find_process(proc_root, pid);
  if (!found) return tl::make_unexpected(found.error());
  const auto sites = require_probe_sites(found->executable);
  if (!sites) return tl::make_unexpected(sites.error());
  const auto load_bias = read_load_bias(proc_root, *found, *sites);
  if (!load_bias) return tl::make_unexpected(load_bias.error());
  const probe::SiteCheck check = probe::check_sites(sites->sites);
  const std::vector<Semaphore> semaphores = semaphores_of(sites->sites, *load_bias);
  model::ProcessProbes listed{pid, found->process.comm, found->executable.path, {}, {}};
  const auto sources = list_state(listed.state, proc_root, *found, check, layouts);
  for (const probe::ProbeSpec& spec : probe::contract()) {
    model::ProbeListing listing;
    listing.name = spec.name;
    listing.cost = probe::cost_of_probe(spec.name);
    if (spec.group) {
      listing.group = name_of(*spec.group);
      for (const std::string_view family : probe::families_of_probe(spec.name)) {
        if (!comes_from_state(sources, family)) listing.families.emplace_back(family);
      }
    }
    listing.sites = list_sites(sites->sites, spec.name, *load_bias);
    listing.semaphores = list_semaphores(semaphores, spec.name, pid);
    judge(listing, spec, check);
    listed.probes.push_back(std::move(listing));
  }
  if (!target::is_running(proc_root, found->process.id)) {
    return fail("list the probes of pid {}: it ended meanwhile", pid);
  }
  return listed;
}

}  // namespace agent
