// What a process is called in the label `process`, and what tells it from others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/place.h"
#include "target/process.h"

namespace target {

// Where a name comes from: one word of --name-from.
struct NameSource {
  enum class Kind { kUnit, kContainer, kPort, kScript, kComm, kEnvironment };
  Kind kind = Kind::kComm;
  std::string variable = {};  // of kEnvironment

  friend bool operator==(const NameSource&, const NameSource&) = default;
};

inline constexpr std::string_view kDefaultNameFrom =
    "env:VALKYRIA_PROCESS,unit,container,script,comm";

// Words of "unit", "container", "port", "script", "comm" and "env:NAME", separated by commas, the
// first that tells a name first. Fails for an empty list, for other words, for one that comes
// twice.
base::Result<std::vector<NameSource>> parse_name_sources(std::string_view list);

inline constexpr std::size_t kMaxNameBytes = 128;

// A text of a stranger as part of a name: valid UTF-8 without control characters and without blanks
// at its ends, at most `max_bytes` long.
std::string clean_name(std::string_view text, std::size_t max_bytes = kMaxNameBytes);

// What a process is known by. What is not known is empty. All texts are clean names.
struct Marks {
  std::string base;    // its name, if nobody else has it; never empty
  std::string unit;    // also of a user's own manager: the uid tells these apart
  std::string script;  // its file name
  std::uint32_t uid = 0;
  // The lowest TCP port that it listens on. 0: none, or none yet. One of those that the kernel
  // gives out by itself is no mark: it is another one each time.
  std::uint16_t port = 0;
  // Its name is to be its port, and it has none yet: `base` comes from what follows in the list.
  bool is_port_wanted = false;

  friend bool operator==(const Marks&, const Marks&) = default;
};

// The marks of a process, its base by the first of the sources that tells something, else its comm.
// `place` is where it belongs, `script` what it runs, as given. Reads memory of the process for its
// environment: may hang where that does.
Marks read_marks(const std::string& proc_root, const Process& process, const Place& place,
                 std::string_view script, const std::vector<NameSource>& sources);

// The value of a variable, by the bytes of /proc/PID/environ: the first that there is. None, too,
// where it is empty.
std::optional<std::string> parse_variable(std::string_view environment, std::string_view name);

// The script that a runtime runs, by the bytes of /proc/PID/cmdline: the first argument that ends
// in ".valk". As given, with its directories.
std::optional<std::string> parse_script(std::string_view cmdline);

// The script of a process, if it shows one.
std::optional<std::string> read_script(const std::string& proc_root, int pid);

}  // namespace target
