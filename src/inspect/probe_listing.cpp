#include "inspect/probe_listing.h"

#include <algorithm>

#include "inspect/inspection.h"
#include "inspect/trial.h"
#include "memory/remote_read.h"
#include "probe/attach_method.h"
#include "probe/members_of_probe.h"
#include "probe/site_check.h"
#include "watch/recognition.h"
#include "watch/sources.h"
#include "watch/state_source.h"

namespace inspect {
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

std::vector<model::FunctionListing> list_functions(const probe::FunctionCheck& check,
                                                   std::string_view probe,
                                                   std::uint64_t load_bias) {
  std::vector<model::FunctionListing> listing;
  for (const probe::FunctionSite& site : check.good) {
    if (site.probe->probe != probe) continue;
    listing.push_back({std::string(site.probe->function), site.probe->at == probe::At::kReturn,
                       site.file_offset, site.address + load_bias});
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
           const Attachables& attachables) {
  const auto& refused_sites = attachables.sites.refused;
  const auto& refused_functions = attachables.functions.refused;
  const auto site = std::find_if(refused_sites.begin(), refused_sites.end(),
                                 [&](const auto& refused) { return refused.probe == spec.name; });
  const auto function =
      std::find_if(refused_functions.begin(), refused_functions.end(),
                   [&](const auto& refused) { return refused.probe->probe == spec.name; });
  if (site != refused_sites.end()) {
    listing.attachability = Attachability::kRefused;
    listing.how = site->reason;
  } else if (function != refused_functions.end()) {
    listing.attachability = Attachability::kRefused;
    listing.how = fmt::format("{}: {}", name_of(*function->probe), function->reason);
  } else if (listing.sites.empty() && listing.functions.empty()) {
    listing.attachability = Attachability::kAbsent;
    listing.how = "not in this binary";
  } else if (!spec.group) {
    listing.attachability = Attachability::kUncounted;
    listing.how = "no group counts it";
  } else {
    listing.attachability = Attachability::kAttachable;
    listing.how = name_of(probe::best_attach_method());
  }
}

// What attaching all the groups that are on by default would attach.
probe::Attached attachable(const Attachables& attachables) {
  probe::Attached all;
  for (const probe::CheckedSite& site : attachables.sites.good) {
    if (site.spec->group && site.spec->hit_slot) all.probes.set(*site.spec->hit_slot);
  }
  for (const probe::FunctionSite& site : attachables.functions.good) {
    all.means = probe::Means::kFunctions;
    all.probes.set(*probe::find_probe(site.probe->probe)->hit_slot);
  }
  return all;
}

// What the process's memory tells.
std::vector<model::Member> list_state(model::StateListing& listing, const std::string& proc_root,
                                      int pid, const target::Program& program,
                                      const layout::Config& config) {
  const StateLook look = look_at_state(proc_root, pid, program, config, std::nullopt);
  if (!look.source) {
    listing.how = look.problem;
    return {};
  }
  listing.layout = look.layout;
  listing.how = look.origin;
  for (const model::FamilySource& chosen : watch::choose_sources(look.source->members(), {})) {
    listing.families.emplace_back(chosen.family->name);
  }
  return look.source->members();
}

// What serving would take from this probe.
void list_families(model::ProbeListing& listing, const probe::Attached& attached,
                   std::span<const model::Member> state) {
  const auto members = probe::members_of_probe(listing.name, attached.means);
  for (const model::FamilySource& chosen : watch::choose_sources(state, members)) {
    if (chosen.source == model::Source::kProbe) listing.families.emplace_back(chosen.family->name);
  }
  if (listing.attachability == Attachability::kAttachable && listing.families.empty()) {
    listing.attachability = Attachability::kNotNeeded;
    listing.how = "memory tells all that it would";
  }
}

Result<Attachables> find_attachables(const std::string& proc_root, int pid,
                                     const target::Program& program) {
  if (!program.sites.empty()) return Attachables{probe::check_sites(program.sites), {}};
  auto functions = watch::find_functions(proc_root, pid, program);
  if (!functions) return base::pass_on(functions);
  return Attachables{{}, std::move(*functions)};
}

// One probe, but for where its families come from.
model::ProbeListing list_probe(const probe::ProbeSpec& spec, int pid,
                               const target::Program& program, const Attachables& attachables,
                               std::uint64_t load_bias) {
  model::ProbeListing listing;
  listing.name = spec.name;
  listing.cost = probe::cost_of_probe(spec.name);
  if (spec.group) listing.group = name_of(*spec.group);
  listing.sites = list_sites(program.sites, spec.name, load_bias);
  listing.functions = list_functions(attachables.functions, spec.name, load_bias);
  listing.semaphores = list_semaphores(semaphores_of(program.sites, load_bias), spec.name, pid);
  judge(listing, spec, attachables);
  return listing;
}

}  // namespace

Result<model::ProcessProbes> list_probes(int pid, const layout::Config& layouts,
                                         std::optional<std::uint64_t> hit_cost_ns,
                                         const std::string& proc_root) {
  const auto found = find_process(proc_root, pid);
  if (!found) return base::pass_on(found);
  const auto program = target::read_program_of(proc_root, pid, watch::recognition());
  if (!program) return base::pass_on(program);
  if (auto recognised = watch::require_recognised(*program); !recognised) {
    return base::pass_on(recognised);
  }
  const auto load_bias = read_load_bias(proc_root, pid, *program);
  if (!load_bias) return base::pass_on(load_bias);
  const auto attachables = find_attachables(proc_root, pid, *program);
  if (!attachables) return base::pass_on(attachables);
  model::ProcessProbes listed{pid, found->process.comm, program->executable.path, {},
                              {},  hit_cost_ns};
  const probe::Attached attached = attachable(*attachables);
  const auto state = list_state(listed.state, proc_root, pid, *program, layouts);
  for (const probe::ProbeSpec& spec : probe::contract()) {
    model::ProbeListing listing = list_probe(spec, pid, *program, *attachables, *load_bias);
    if (spec.group) list_families(listing, attached, state);
    listed.probes.push_back(std::move(listing));
  }
  if (!target::is_running(proc_root, found->process.id)) {
    return fail("list the probes of pid {}: it ended meanwhile", pid);
  }
  return listed;
}

}  // namespace inspect
