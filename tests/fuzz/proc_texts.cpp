// What /proc tells of a process in a line or two: parts of it the process chooses itself. All of
// these parsers take any bytes, so each is given all of the input.
#include <fmt/format.h>

#include <string>

#include "base/utf8.h"
#include "fuzz/bytes.h"
#include "fuzz/require.h"
#include "target/listening_port.h"
#include "target/naming.h"
#include "target/place.h"
#include "target/process_stat.h"
#include "target/process_status.h"
#include "target/run_state.h"

namespace {

using fuzz::require;

bool are_same(const target::ProcessStat& a, const target::ProcessStat& b) {
  return a.comm == b.comm && a.state == b.state && a.user_ticks == b.user_ticks &&
         a.system_ticks == b.system_ticks && a.threads == b.threads &&
         a.start_ticks == b.start_ticks && a.resident_pages == b.resident_pages;
}

void check_stat(std::string_view text) {
  const auto stat = target::parse_stat(text);
  if (!stat) return;
  const auto again = target::parse_stat(
      fmt::format("1 ({}) {} 4 5 6 7 8 9 10 11 12 13 {} {} 16 17 18 19 {} 21 {} 23 {} 25\n",
                  stat->comm, stat->state, stat->user_ticks, stat->system_ticks, stat->threads,
                  stat->start_ticks, stat->resident_pages));
  // A state that is a blank is no word.
  require((again && are_same(*again, *stat)) || stat->state == ' ' || stat->state == '\n' ||
              stat->state == ')',
          "what is written is read as it was");
}

// A name in there is the process's own, and must not pass for a line of the kernel's.
void check_status(std::string_view text) {
  const auto status = target::parse_status(text);
  if (!status) return;
  const auto again =
      target::parse_status(fmt::format("Name:\tx\nUid:\t1\t{}\t2\t3\nSeccomp:\t{}\n",
                                       status->effective_uid, static_cast<int>(status->seccomp)));
  require(
      again && again->effective_uid == status->effective_uid && again->seccomp == status->seccomp,
      "what is written is read as it was");
}

void check_names(std::string_view text) {
  if (const auto script = target::parse_script(text)) {
    require(script->ends_with(".valk") && script->find('\0') == std::string::npos,
            "a script is one argument");
    require(text.find(*script) != std::string_view::npos, "a script stands in the command line");
    require(target::parse_script(std::string("valk\0", 5) + *script) == script,
            "a script is found again");
  }
  const target::Place place = target::parse_place(text);
  require(base::valid_utf8(place.unit) == place.unit, "a unit is UTF-8");
  require(place.unit.find_first_of("/\n") == std::string::npos, "a unit is a name");
  require(place.container.find_first_of("/\n") == std::string::npos, "a container is a name");
  require(target::parse_place("0::" + place.cgroup).cgroup.size() <= place.cgroup.size(),
          "a group is one line");
  const std::string name = target::clean_name(text);
  require(name.size() <= target::kMaxNameBytes && target::clean_name(name) == name,
          "a clean name is clean");
  if (const auto value = target::parse_variable(text, "A")) {
    require(!value->empty() && text.find("A=" + *value) != std::string_view::npos,
            "a value stands behind its name");
  }
  for (const auto& [inode, port] : target::parse_listening_sockets(text)) {
    require(inode != 0 && port != 0, "a socket has both");
  }
}

void check_groups(std::string_view text) {
  const auto groups = target::parse_freezer_groups(text);
  for (const auto& group : {groups.unified, groups.freezer}) {
    if (!group) continue;
    require(group->starts_with('/') && group->find('\n') == std::string::npos,
            "a group is a path in one line");
    const auto again = target::parse_freezer_groups("0::" + *group + "\n6:cpu,freezer:" + *group);
    require(again.unified == group && again.freezer == group, "a group is found again");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_stat(text);
  check_status(text);
  check_names(text);
  check_groups(text);
  return 0;
}
