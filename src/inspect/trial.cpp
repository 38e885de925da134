#include "inspect/trial.h"

#include <utility>

#include "memory/process_memory.h"
#include "memory/remote_read.h"
#include "probe/attachment.h"
#include "probe/members_of_probe.h"
#include "target/process.h"
#include "watch/planting.h"

namespace inspect {
namespace {

using base::Result;

void read_all(int pid, const std::vector<Semaphore>& semaphores,
              SemaphoreValue SemaphoreTrial::*when, std::vector<SemaphoreTrial>& into) {
  for (std::size_t i = 0; i < semaphores.size(); ++i) {
    into[i].*when = memory::read_uint16(pid, semaphores[i].address);
  }
}

bool is_attached(const probe::ProbeSet& attached, const std::string& probe) {
  const probe::ProbeSpec* spec = probe::find_probe(probe);
  return spec != nullptr && spec->hit_slot && attached.test(*spec->hit_slot);
}

std::vector<std::string> find_unplanted(const TrialTarget& target,
                                        const probe::Attachment& attachment,
                                        std::vector<probe::Site> sites) {
  const probe::ProbeSet& attached = attachment.attached().probes;
  std::erase_if(sites, [&](const probe::Site& site) {
    return !site.probe->hit_slot || !attached.test(*site.probe->hit_slot);
  });
  memory::ProcessMemory memory(target::living_directory(target.proc_root, target.pid), target.pid);
  const probe::ProbeSet unplanted =
      watch::find_unplanted(memory, target.load_bias, sites, watch::Look::kBreakpoints);
  std::vector<std::string> names;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    if (spec.hit_slot && unplanted.test(*spec.hit_slot)) names.emplace_back(spec.name);
  }
  return names;
}

// Detaches when it returns.
Result<std::size_t> attach_and_look(const TrialTarget& target, const target::Program& program,
                                    const Attachables& attachables,
                                    const std::vector<Semaphore>& semaphores, Trial& trial) {
  const auto programs = probe::Programs::load(probe::groups_to_try());
  if (!programs) return base::pass_on(programs);
  const bool has_sites = !program.sites.empty();
  const auto sites =
      has_sites ? probe::sites_of(attachables.sites) : probe::sites_of(attachables.functions);
  std::vector<probe::AttachFailure> failures;
  const auto attachment = probe::Attachment::attach(
      *programs, {program.executable.fd.get(), target.pid, 0},
      has_sites ? probe::Means::kSites : probe::Means::kFunctions, sites, failures);
  if (!failures.empty()) {
    return base::fail("attach {}: {}", failures[0].probe->name, failures[0].reason);
  }
  const probe::ProbeSet& attached = attachment.attached().probes;
  for (SemaphoreTrial& semaphore : trial.semaphores) {
    semaphore.attached = is_attached(attached, semaphore.probe);
  }
  read_all(target.pid, semaphores, &SemaphoreTrial::during, trial.semaphores);
  trial.unplanted = find_unplanted(target, attachment, sites);
  return attached.count();
}

}  // namespace

Trial try_attaching(const TrialTarget& target, const target::Program& program,
                    const Attachables& attachables) {
  Trial trial{probe::best_attach_method(), std::size_t{0}, {}};
  const auto semaphores = semaphores_of(program.sites, target.load_bias);
  for (const Semaphore& semaphore : semaphores) {
    SemaphoreTrial& added = trial.semaphores.emplace_back();
    added.probe = semaphore.probe;
  }
  read_all(target.pid, semaphores, &SemaphoreTrial::before, trial.semaphores);
  trial.probes = attach_and_look(target, program, attachables, semaphores, trial);
  read_all(target.pid, semaphores, &SemaphoreTrial::after, trial.semaphores);
  return trial;
}

}  // namespace inspect
