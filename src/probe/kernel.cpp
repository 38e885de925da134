#include "probe/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <string_view>

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
  spdlog::debug("{}", text);
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

Result<void> check_kernel() {
  if (!load_smallest_program()) {
    const int error = errno;
    switch (error) {
      case ENOSYS:
        return fail(
            "load a BPF program: this kernel has no bpf() system call, or a sandbox hides it "
            "(needs CONFIG_BPF_SYSCALL; in a container, a seccomp profile that allows bpf)");
      case EPERM:
      case EACCES:
        return fail(
            "load a BPF program: {} (needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN; in a "
            "container --privileged; kernel lockdown must not be \"confidentiality\")",
            base::errno_text(error));
      case EINVAL:
        return fail(
            "load a BPF program: this kernel does not know programs for uprobes "
            "(needs CONFIG_BPF_EVENTS and CONFIG_UPROBE_EVENTS)");
      default:
        return fail("load a BPF program: {}", base::errno_text(error));
    }
  }
  if (::access(kUprobePmu, F_OK) != 0) {
    return fail("look for uprobes at {}: {} (needs CONFIG_UPROBE_EVENTS and a mounted /sys)",
                kUprobePmu, base::errno_text(errno));
  }
  return {};
}

void redirect_libbpf_log() {
  libbpf_set_print(print_libbpf);
}

}  // namespace probe
