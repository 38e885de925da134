// What a process is called in the label `process`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "target/process.h"

namespace target {

// The systemd service that a process belongs to, by the text of /proc/PID/cgroup, without
// ".service". Scopes and slices are no service.
std::optional<std::string> parse_systemd_service(std::string_view cgroup);

// The script that a runtime runs, by the bytes of /proc/PID/cmdline: the first argument that ends
// in ".valk". As given, with its directories.
std::optional<std::string> parse_script(std::string_view cmdline);

// The script of a process, if it shows one.
std::optional<std::string> read_script(const std::string& proc_root, int pid);

// A name that stays the same when the process is started again: its systemd service, else its
// script's file name, else its comm.
std::string stable_name(const std::string& proc_root, const Process& process);

}  // namespace target
