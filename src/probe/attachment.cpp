#include "probe/attachment.h"

#include <algorithm>
#include <cerrno>
#include <thread>

namespace probe {
namespace {

using base::fail;
using base::Result;

bool has_refused_site(const SiteCheck& check, std::string_view probe) {
  return std::any_of(check.refused.begin(), check.refused.end(),
                     [&](const RefusedSite& refused) { return refused.probe == probe; });
}

std::string fix_for(int error) {
  if (error == EPERM || error == EACCES) return " (needs CAP_SYS_ADMIN: start as root)";
  if (error == ESRCH) return " (the process has ended)";
  return {};
}

}  // namespace

Result<Attachment> Attachment::attach(const Programs& programs, int executable_fd,
                                      const SiteCheck& check, std::optional<int> pid) {
  const std::string path = fmt::format("/proc/self/fd/{}", executable_fd);
  Attachment attachment;
  for (const CheckedSite& site : check.good) {
    const bpf_program* program = programs.program(*site.spec);
    if (program == nullptr || has_refused_site(check, site.spec->name)) continue;
    LIBBPF_OPTS(bpf_uprobe_opts, options, .ref_ctr_offset = *site.site.semaphore_file_offset);
    Link link(bpf_program__attach_uprobe_opts(program, pid.value_or(-1), path.c_str(),
                                              site.site.file_offset, &options));
    if (!link) {
      const int error = errno;
      return fail("attach {} at file offset {:#x}: {}{}", site.spec->name, site.site.file_offset,
                  base::errno_text(error), fix_for(error));
    }
    attachment.links_.push_back(std::move(link));
    attachment.attached_.set(*site.spec->hit_slot);
  }
  return attachment;
}

Attachment::~Attachment() {
  // Each perf-style link waits out an RCU grace period when it goes: let them wait side by side.
  std::vector<std::jthread> threads;
  for (Link& link : links_) {
    threads.emplace_back([owned = std::move(link)]() mutable { owned.reset(); });
  }
}

}  // namespace probe
