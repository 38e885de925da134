// What this machine and our place on it are like: facts for `doctor`, which judges
// (host_checks.h). Reads alone; changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace inspect {

// How /proc is mounted.
struct ProcMount {
  bool is_of_our_namespace = true;
  bool is_in_nested_namespace = false;  // ours is not the machine's own
  std::string hidepid;                  // as the mount says it; empty: nobody is hidden
  bool is_subset = false;               // subset=pid: nothing but processes
};

// What can't be found out is absent.
struct HostFacts {
  ProcMount proc;
  bool has_cgroups = false;        // some hierarchy of control groups is mounted
  std::uint64_t capabilities = 0;  // effective ones, a bit each
  bool is_under_seccomp = false;
  bool is_in_user_namespace = false;
  std::string security_label;             // of AppArmor or SELinux; empty: none, or unconfined
  std::optional<int> ptrace_scope;        // of Yama
  std::optional<int> bpf_jit;             // net.core.bpf_jit_enable
  std::string clock_source;               // empty: not told
  std::int64_t unix_seconds = 0;          // what the clock says
  bool is_clock_synchronised = false;     // as the kernel was told
  std::uint64_t descriptor_limit = 0;     // soft RLIMIT_NOFILE
  std::uint64_t descriptor_maximum = 0;   // hard
  std::uint64_t locked_memory_bytes = 0;  // RLIMIT_MEMLOCK
};

HostFacts read_host_facts(const std::string& proc_root = "/proc",
                          const std::string& sys_root = "/sys");

// The options of the mount at `place`, by the text of /proc/self/mounts: those of the last one,
// which hides the others. None: nothing is mounted there.
std::optional<std::string> parse_mount_options(std::string_view mounts, std::string_view place);

// The value of an option such as "hidepid" among "rw,hidepid=2"; empty where it is not there.
std::string option_value(std::string_view options, std::string_view name);

// The effective capabilities, by the text of /proc/PID/status; 0 where it does not say.
std::uint64_t parse_capabilities(std::string_view status);

// Whether any hierarchy of control groups is mounted.
bool has_cgroup_mount(std::string_view mounts);

}  // namespace inspect
