// Whom to watch.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/place.h"

namespace target {

// This process alone, until it ends.
struct OneProcess {
  int pid = 0;
};

// Who is watched, now and later, of those that are recognised (program.h). Of each kind that has
// any, one must fit: a process that is named and runs that file and is in that unit. Nothing of any
// kind: everybody who belongs to us. Root owns everybody; another user his own processes and
// root's.
struct Selection {
  std::optional<OneProcess> one = {};  // then there is nothing else
  // Paths: of the file that stands there at the moment.
  std::vector<std::string> executables = {};
  // Comms, or where these are longer than a comm can be (15 bytes), file names of programs as their
  // processes were told them (argv[0]).
  std::vector<std::string> names = {};
  // Patterns as of a shell, whose * also means /: of the path of the control group.
  std::vector<std::string> cgroups = {};
  // Patterns: of systemd services, with or without ".service".
  std::vector<std::string> units = {};

  bool is_everybody() const;
};

// Fails for an empty name, path or pattern, which would mean nobody, or everybody: an unset
// variable in a unit file must not. And for a process together with anything else.
base::Result<void> check(const Selection& selection);

// The selection in words, such as "--name valk --unit 'shop*'"; "every process" where it is
// everybody.
std::string words_of(const Selection& selection);

// Whether one of the names is the comm; true where none is wanted. `is_cut` says that a name is
// wanted that no comm can be: then only argv[0] tells, unless a comm does.
struct NameFit {
  bool fits = false;
  bool is_cut = false;
};
NameFit fit_comm(const Selection& selection, std::string_view comm);

// Whether one of the names that are longer than a comm is the program's own, by the bytes of
// /proc/PID/cmdline.
bool fits_cmdline(const Selection& selection, std::string_view cmdline);
// The same of a process; false where it can't be read. The text is in the process's own memory: it
// may hang with it.
bool fits_program_name(const Selection& selection, const std::string& proc_root, int pid);

// Whether that has to be known of a process at all.
bool asks_for_place(const Selection& selection);

// Whether its control group and its unit fit.
bool fits_place(const Selection& selection, const Place& place);

}  // namespace target
