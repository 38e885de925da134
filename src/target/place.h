// Where a process belongs: its systemd unit, its container, its pod.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace target {

// As the control groups of a process tell it. What is not known is empty. All of these texts come
// from names of directories, of which a user may have made some himself (below his own manager, or
// below a unit that hands its group over): they are names, and no proof of anything.
struct Place {
  // The innermost systemd service, without ".service" and with its escapes read: "shop",
  // "valk@a". Not the manager of a user, and not the engine that runs the container.
  std::string unit;
  bool is_unit_of_user = false;  // a user's own manager runs it ("systemctl --user")
  // Below a container, or below another service that hands its group over: who has either chose the
  // name.
  bool is_unit_nested = false;
  // The innermost container: of an id its first 12 digits, else its name.
  std::string container;
  // The uid of the Kubernetes pod, with dashes.
  std::string pod;
  // The control group itself, as the text names it: of the unified hierarchy, else of systemd's,
  // else the first that is not the root. As seen from our own cgroup namespace: it may begin with
  // "/..". Empty where all of them are roots.
  std::string cgroup;

  friend bool operator==(const Place&, const Place&) = default;
};

// By the text of /proc/PID/cgroup, of both versions.
Place parse_place(std::string_view cgroup);

// Empty where it can't be read. Waits for nobody.
Place read_place(const std::string& proc_root, int pid);

}  // namespace target
