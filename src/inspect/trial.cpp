#include "inspect/trial.h"

#include <utility>

#include "memory/remote_read.h"
#include "probe/attachment.h"
#include "probe/members_of_probe.h"

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

// Detaches when it returns.
Result<std::size_t> attach_and_look(int pid, const target::Program& program,
                                    const Attachables& attachables,
                                    const std::vector<Semaphore>& semaphores,
                                    std::vector<SemaphoreTrial>& trials) {
  const auto programs = probe::Programs::load(probe::groups_to_try());
  if (!programs) return base::pass_on(programs);
  const bool has_sites = !program.sites.empty();
  const auto sites =
      has_sites ? probe::sites_of(attachables.sites) : probe::sites_of(attachables.functions);
  std::vector<probe::AttachFailure> failures;
  const auto attachment = probe::Attachment::attach(
      *programs, {program.executable.fd.get(), pid, 0},
      has_sites ? probe::Means::kSites : probe::Means::kFunctions, sites, failures);
  if (!failures.empty()) {
    return base::fail("attach {}: {}", failures[0].probe->name, failures[0].reason);
  }
  const probe::ProbeSet& attached = attachment.attached().probes;
  for (SemaphoreTrial& trial : trials) {
    trial.attached = is_attached(attached, trial.probe);
  }
  read_all(pid, semaphores, &SemaphoreTrial::during, trials);
  return attached.count();
}

}  // namespace

Trial try_attaching(int pid, const target::Program& program, const Attachables& attachables,
                    const std::vector<Semaphore>& semaphores) {
  Trial trial{probe::best_attach_method(), std::size_t{0}, {}};
  for (const Semaphore& semaphore : semaphores) {
    SemaphoreTrial& added = trial.semaphores.emplace_back();
    added.probe = semaphore.probe;
  }
  read_all(pid, semaphores, &SemaphoreTrial::before, trial.semaphores);
  trial.probes = attach_and_look(pid, program, attachables, semaphores, trial.semaphores);
  read_all(pid, semaphores, &SemaphoreTrial::after, trial.semaphores);
  return trial;
}

}  // namespace inspect
