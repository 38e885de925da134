#include "probe/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <string_view>

#include "base/log.h"
#include "base/unique_fd.h"

namespace probe {
namespace {

using base::fail;
using base::Result;

constexpr const char* kUprobePmu = "/sys/bus/event_source/devices/uprobe/type";

int print_libbpf(libbpf_print_level, const char* format, va_list arguments) {
  std::array<char, 1024> line;
  const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
  std::string_view text(line.data());
  if (text.ends_with('\n')) text.remove_suffix(1);
  base::log_debug("{}", text);
  return length;
}

// mov r0, 0; exit
base::UniqueFd load_smallest_program() {
  const std::array<bpf_insn, 2> program{{
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  return base::UniqueFd(bpf_prog_load(BPF_PROG_TYPE_KPROBE, "valkyria_check", "Dual BSD/GPL",
                                      program.data(), program.size(), nullptr));
}

}  // namespace

std::optional<KernelFault> find_bpf_fault() {
  if (load_smallest_program()) return std::nullopt;
  const int error = errno;
  switch (error) {
    case ENOSYS:
      return KernelFault{
          "load a BPF program: this kernel has no bpf() system call, or a sandbox hides it",
          "needs CONFIG_BPF_SYSCALL; in a container, a seccomp profile that allows bpf"};
    case EPERM:
    case EACCES:
      return KernelFault{fmt::format("load a BPF program: {}", base::errno_text(error)),
                         "needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN; in a container "
                         "--privileged; kernel lockdown must not be \"confidentiality\""};
    case EINVAL:
      return KernelFault{"load a BPF program: this kernel does not know programs for uprobes",
                         "needs CONFIG_BPF_EVENTS and CONFIG_UPROBE_EVENTS"};
    default:
      return KernelFault{fmt::format("load a BPF program: {}", base::errno_text(error)),
                         "look at the kernel's log (dmesg)"};
  }
}

std::optional<KernelFault> find_uprobe_fault() {
  if (::access(kUprobePmu, F_OK) == 0) return std::nullopt;
  return KernelFault{fmt::format("look for uprobes at {}: {}", kUprobePmu, base::errno_text(errno)),
                     "needs CONFIG_UPROBE_EVENTS and a mounted /sys"};
}

bool has_kernel_type_information() {
  return ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
}

Result<void> check_kernel() {
  auto fault = find_bpf_fault();
  if (!fault) fault = find_uprobe_fault();
  if (fault) return fail("{} ({})", fault->what, fault->fix);
  return {};
}

std::string libbpf_version() {
  const std::string_view version = libbpf_version_string();
  return std::string(version.substr(version.starts_with('v') ? 1 : 0));
}

void redirect_libbpf_log() {
  libbpf_set_print(print_libbpf);
}

}  // namespace probe
