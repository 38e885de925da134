#include "agent/trial.h"

#include <utility>

#include "memory/remote_read.h"
#include "probe/attachment.h"
#include "probe/families_of_probe.h"

namespace agent {
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
Result<std::size_t> attach_and_look(const FoundProcess& found, const probe::SiteCheck& check,
                                    const std::vector<Semaphore>& semaphores,
                                    std::vector<SemaphoreTrial>& trials) {
  const int pid = found.process.id.pid;
  const auto programs = probe::Programs::load(probe::groups_to_try(), probe::Filter::kOneProcess);
  if (!programs) return tl::make_unexpected(programs.error());
  const auto attachment =
      probe::Attachment::attach(*programs, found.executable.fd.get(), check, pid);
  if (!attachment) return tl::make_unexpected(attachment.error());
  for (SemaphoreTrial& trial : trials) {
    trial.attached = is_attached(attachment->attached(), trial.probe);
  }
  read_all(pid, semaphores, &SemaphoreTrial::during, trials);
  return attachment->attached().count();
}

}  // namespace

Trial try_attaching(const FoundProcess& found, const probe::SiteCheck& check,
                    const std::vector<Semaphore>& semaphores) {
  const int pid = found.process.id.pid;
  Trial trial{probe::best_attach_method(), std::size_t{0}, {}};
  for (const Semaphore& semaphore : semaphores) {
    SemaphoreTrial& added = trial.semaphores.emplace_back();
    added.probe = semaphore.probe;
  }
  read_all(pid, semaphores, &SemaphoreTrial::before, trial.semaphores);
  trial.probes = attach_and_look(found, check, semaphores, trial.semaphores);
  read_all(pid, semaphores, &SemaphoreTrial::after, trial.semaphores);
  return trial;
}

}  // namespace agent
