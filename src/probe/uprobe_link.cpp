#include "probe/uprobe_link.h"

#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <vector>

namespace probe {
namespace {

using base::Result;

std::string fix_for(int error) {
  if (error == EPERM || error == EACCES) return " (needs CAP_SYS_ADMIN: start as root)";
  if (error == ESRCH) return " (the process has ended)";
  return {};
}

tl::unexpected<base::Error> attach_error(int error) {
  return base::fail("{}{}", base::errno_text(error), fix_for(error));
}

// BPF_LINK_CREATE for BPF_TRACE_UPROBE_MULTI, as in union bpf_attr of <linux/bpf.h> since Linux
// 6.6; Debian 12's header and libbpf are older than that.
struct MultiLinkAttributes {
  std::uint32_t program_fd;
  std::uint32_t target_fd;
  std::uint32_t attach_type;
  std::uint32_t flags;
  std::uint64_t path;
  std::uint64_t offsets;
  std::uint64_t semaphore_offsets;
  std::uint64_t cookies;
  std::uint32_t count;
  std::uint32_t multi_flags;
  std::uint32_t pid;
  std::uint32_t pad;
};

// BPF_F_UPROBE_MULTI_RETURN of the same header.
constexpr std::uint32_t kMultiReturn = 1;

std::uint64_t address_of(const void* object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

}  // namespace

Result<UprobeLink> UprobeLink::attach_perf_event(const bpf_program* program,
                                                 const std::string& path, const Place& place, At at,
                                                 int pid) {
  LIBBPF_OPTS(bpf_uprobe_opts, options, .ref_ctr_offset = place.semaphore,
              .bpf_cookie = place.cookie, .retprobe = at == At::kReturn);
  PerfLink link(bpf_program__attach_uprobe_opts(program, pid, path.c_str(), place.site, &options));
  if (!link) return attach_error(errno);
  return UprobeLink(std::move(link));
}

Result<UprobeLink> UprobeLink::attach_multi(const bpf_program* program, const std::string& path,
                                            std::span<const Place> places, At at, int pid) {
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint64_t> semaphores;
  std::vector<std::uint64_t> cookies;
  for (const Place& place : places) {
    offsets.push_back(place.site);
    semaphores.push_back(place.semaphore);
    cookies.push_back(place.cookie);
  }
  MultiLinkAttributes attributes{};
  attributes.program_fd = static_cast<std::uint32_t>(bpf_program__fd(program));
  attributes.attach_type = bpf_program__expected_attach_type(program);
  attributes.path = address_of(path.c_str());
  attributes.offsets = address_of(offsets.data());
  attributes.semaphore_offsets = address_of(semaphores.data());
  attributes.cookies = address_of(cookies.data());
  attributes.count = static_cast<std::uint32_t>(offsets.size());
  attributes.multi_flags = at == At::kReturn ? kMultiReturn : 0;
  attributes.pid = static_cast<std::uint32_t>(pid);
  base::UniqueFd link(
      static_cast<int>(::syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof attributes)));
  if (!link) return attach_error(errno);
  return UprobeLink(std::move(link));
}

}  // namespace probe
