#include "inspect/host_facts.h"

#include <sys/resource.h>
#include <sys/timex.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string_view>

#include "target/proc_text.h"
#include "target/process.h"
#include "target/process_status.h"

namespace inspect {
namespace {

constexpr std::size_t kMaxText = 1024 * 1024;
constexpr std::string_view kAllIds = "0 0 4294967295";

// Takes the text up to the separator off the front.
std::string_view take_to(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

// The first line of a file; empty where there is none.
std::string first_line(const std::string& path) {
  const auto text = target::read_proc_text(path, kMaxText);
  return text ? text->substr(0, text->find('\n')) : std::string();
}

std::optional<int> read_number(const std::string& path) {
  const std::string line = first_line(path);
  int number = 0;
  if (std::from_chars(line.data(), line.data() + line.size(), number).ec != std::errc{}) {
    return std::nullopt;
  }
  return number;
}

// The kernel aligns the numbers of a map with blanks.
bool maps_all_ids(std::string_view map) {
  std::string squeezed;
  for (const char c : map) {
    if (c == ' ' && (squeezed.empty() || squeezed.back() == ' ')) continue;
    squeezed += c;
  }
  return squeezed == kAllIds;
}

std::string read_security_label(const std::string& proc_root) {
  std::string label = first_line(proc_root + "/self/attr/current");
  while (!label.empty() && label.back() == '\0') label.pop_back();
  return label.starts_with("unconfined") || label == "kernel" ? std::string() : label;
}

ProcMount read_proc_mount(const std::string& proc_root, std::string_view mounts) {
  ProcMount mount;
  mount.is_of_our_namespace = target::shows_own_pid_namespace(proc_root);
  mount.is_in_nested_namespace = target::own_pid_namespace(proc_root).has_value();
  const std::string options = parse_mount_options(mounts, proc_root).value_or("");
  mount.hidepid = option_value(options, "hidepid");
  if (mount.hidepid == "0" || mount.hidepid == "off") mount.hidepid.clear();
  mount.is_subset = option_value(options, "subset") == "pid";
  return mount;
}

void read_limits(HostFacts& facts) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    facts.descriptor_limit = limit.rlim_cur;
    facts.descriptor_maximum = limit.rlim_max;
  }
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0) facts.locked_memory_bytes = limit.rlim_cur;
}

void read_clock(HostFacts& facts, const std::string& sys_root) {
  facts.clock_source =
      first_line(sys_root + "/devices/system/clocksource/clocksource0/current_clocksource");
  facts.unix_seconds = std::time(nullptr);
  timex state{};
  facts.is_clock_synchronised = ::adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

}  // namespace

std::optional<std::string> parse_mount_options(std::string_view mounts, std::string_view place) {
  std::optional<std::string> found;
  while (!mounts.empty()) {
    std::string_view line = take_to(mounts, '\n');
    take_to(line, ' ');  // what is mounted
    const std::string_view where = take_to(line, ' ');
    take_to(line, ' ');  // of which kind
    if (where == place) found = std::string(take_to(line, ' '));
  }
  return found;
}

std::string option_value(std::string_view options, std::string_view name) {
  while (!options.empty()) {
    std::string_view option = take_to(options, ',');
    if (take_to(option, '=') == name) return std::string(option);
  }
  return {};
}

bool has_cgroup_mount(std::string_view mounts) {
  while (!mounts.empty()) {
    std::string_view line = take_to(mounts, '\n');
    take_to(line, ' ');
    take_to(line, ' ');
    const std::string_view kind = take_to(line, ' ');
    if (kind == "cgroup2" || kind == "cgroup") return true;
  }
  return false;
}

std::uint64_t parse_capabilities(std::string_view status) {
  constexpr std::string_view kKey = "\nCapEff:\t";
  const std::size_t key = status.find(kKey);
  if (key == std::string_view::npos) return 0;
  status.remove_prefix(key + kKey.size());
  std::uint64_t capabilities = 0;
  std::from_chars(status.data(), status.data() + status.size(), capabilities, 16);
  return capabilities;
}

HostFacts read_host_facts(const std::string& proc_root, const std::string& sys_root) {
  HostFacts facts;
  const std::string mounts =
      target::read_proc_text(proc_root + "/self/mounts", kMaxText).value_or("");
  facts.proc = read_proc_mount(proc_root, mounts);
  facts.has_cgroups = has_cgroup_mount(mounts);
  const auto status = target::read_proc_text(proc_root + "/self/status", kMaxText);
  if (status) facts.capabilities = parse_capabilities(*status);
  const auto parsed = status ? target::parse_status(*status) : base::pass_on(status);
  facts.is_under_seccomp = parsed && parsed->seccomp != target::Seccomp::kNone;
  const std::string ids = first_line(proc_root + "/self/uid_map");
  facts.is_in_user_namespace = !ids.empty() && !maps_all_ids(ids);
  facts.security_label = read_security_label(proc_root);
  facts.ptrace_scope = read_number(proc_root + "/sys/kernel/yama/ptrace_scope");
  facts.bpf_jit = read_number(proc_root + "/sys/net/core/bpf_jit_enable");
  read_clock(facts, sys_root);
  read_limits(facts);
  return facts;
}

}  // namespace inspect
