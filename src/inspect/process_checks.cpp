#include "inspect/process_checks.h"

#include <fmt/format.h>

namespace inspect {

using model::Check;

namespace {

constexpr const char* kMoreRights =
    "run doctor as root, or give it CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH; where it has them, a "
    "security module (AppArmor, SELinux) or a sandbox closes that process to it";

}  // namespace

Check judge_unseen(const base::Error& error) {
  constexpr const char* kName = "process";
  switch (error.cause) {
    case base::Cause::kGone:
      return failed(kName, error.message,
                    "use the pid of a running process, as ps shows it in our pid namespace; doctor "
                    "without --pid lists who can be watched");
    case base::Cause::kDenied:
      return failed(kName, error.message, kMoreRights);
    case base::Cause::kOther:
    case base::Cause::kTimeout:
    case base::Cause::kChanged:
    case base::Cause::kLacking:
      break;
  }
  return failed(
      kName, error.message,
      "use the pid of a running process, as the host's ps shows it; run doctor as root to "
      "see other users' processes");
}

Check judge_unread(const base::Error& error) {
  constexpr const char* kName = "provider";
  if (error.cause == base::Cause::kDenied) {
    return failed(kName, error.message, kMoreRights);
  }
  return failed(kName, error.message,
                "use the pid of the runtime itself, not of a script that starts it; doctor without "
                "--pid lists who can be watched");
}

Check judge_seccomp(bool is_under_seccomp) {
  constexpr const char* kName = "seccomp";
  if (!is_under_seccomp) return ok(kName, "the process has no filter");
  return note(kName,
              "the process is under seccomp: no obstacle, since nothing is then probed at the "
              "returns of functions, which since Linux 6.11 could kill it");
}

Check judge_run_state(int pid, std::optional<model::ProcessState> state) {
  constexpr const char* kName = "process_state";
  constexpr const char* kStandsStill =
      "nothing in it goes on, so its numbers stand still and no probe fires";
  if (!state) {
    return note(kName,
                "whether it is frozen can't be told: its control group is not seen from here");
  }
  switch (*state) {
    case model::ProcessState::kRunning:
      break;
    case model::ProcessState::kStopped:
      return note(
          kName,
          fmt::format("stopped, by a signal such as SIGSTOP or by a debugger: {}", kStandsStill),
          fmt::format("let it go on: kill -CONT {}, or detach the debugger", pid));
    case model::ProcessState::kFrozen:
      return note(kName, fmt::format("frozen, by its control group: {}", kStandsStill),
                  "thaw it: systemctl thaw UNIT, or docker unpause CONTAINER, or write 0 to the "
                  "group's cgroup.freeze");
  }
  return ok(kName, "neither stopped nor frozen");
}

Check judge_loader(const std::string& loader, const std::string& comm, const std::string& loaded) {
  constexpr const char* kName = "loader";
  if (loaded.empty()) {
    return failed(kName,
                  fmt::format("it was started through the dynamic loader {}, and none of the files "
                              "that this has loaded has probes or is a runtime that we know",
                              loader),
                  "run doctor with CAP_SYS_ADMIN, which it takes to open these files; or start "
                  "the program itself");
  }
  return note(kName,
              fmt::format("it was started through the dynamic loader {}: it is watched by the file "
                          "that this has loaded, {}, but its executable and its name are the "
                          "loader's",
                          loader, loaded),
              fmt::format("--exe {} doesn't find it: give --pid, or --name {}, or start the "
                          "program itself",
                          loaded, comm));
}

}  // namespace inspect
