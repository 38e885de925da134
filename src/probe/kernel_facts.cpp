#include "probe/kernel_facts.h"

#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <fstream>

namespace probe {
namespace {

std::optional<std::string> read_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  return line;
}

std::optional<std::string> read_lockdown() {
  const auto line = read_line("/sys/kernel/security/lockdown");
  const auto mode = line ? parse_lockdown(*line) : std::nullopt;
  return mode ? std::optional<std::string>(*mode) : std::nullopt;
}

std::optional<int> read_perf_event_paranoid() {
  const auto line = read_line("/proc/sys/kernel/perf_event_paranoid");
  int level = 0;
  if (!line ||
      std::from_chars(line->data(), line->data() + line->size(), level).ec != std::errc{}) {
    return std::nullopt;
  }
  return level;
}

}  // namespace

KernelVersion parse_kernel_version(std::string_view release) {
  KernelVersion version;
  const char* const end = release.data() + release.size();
  const auto [dot, error] = std::from_chars(release.data(), end, version.major);
  if (error == std::errc{} && dot != end && *dot == '.') {
    std::from_chars(dot + 1, end, version.minor);
  }
  return version;
}

std::optional<std::string_view> parse_lockdown(std::string_view text) {
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']', open);
  if (open == std::string_view::npos || close == std::string_view::npos) return std::nullopt;
  return text.substr(open + 1, close - open - 1);
}

KernelFacts read_kernel_facts() {
  KernelFacts facts;
  utsname name{};
  if (::uname(&name) == 0) {
    facts.release = name.release;
    facts.machine = name.machine;
  }
  facts.bpf_fault = find_bpf_fault();
  facts.uprobe_fault = find_uprobe_fault();
  if (!facts.bpf_fault) {
    facts.ring_buffer = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) == 1;
  }
  facts.btf = ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  facts.lockdown = read_lockdown();
  facts.perf_event_paranoid = read_perf_event_paranoid();
  return facts;
}

}  // namespace probe
