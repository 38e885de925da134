#include "target/selection.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <utility>

#include "target/proc_text.h"

namespace target {
namespace {

using base::fail;

constexpr std::size_t kMaxCommBytes = 15;
constexpr std::size_t kMaxCmdlineBytes = 256 * 1024;  // a command line may have 128 KiB and more
constexpr std::string_view kService = ".service";

struct Kind {
  std::string_view option;
  std::vector<std::string> Selection::*wanted;
};
constexpr std::array kKinds{
    Kind{"--exe", &Selection::executables},
    Kind{"--name", &Selection::names},
    Kind{"--cgroup", &Selection::cgroups},
    Kind{"--unit", &Selection::units},
};

bool is_plain(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:@%+=,").find(c) != std::string_view::npos;
  });
}

bool fits(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

bool fits_any(const std::vector<std::string>& patterns, const std::string& text) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(),
                                         [&](const auto& one) { return fits(one, text); });
}

bool fits_unit(const std::vector<std::string>& patterns, const std::string& unit) {
  if (patterns.empty()) return true;
  if (unit.empty()) return false;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return fits(pattern, unit) || fits(pattern, unit + std::string(kService));
  });
}

}  // namespace

bool Selection::is_everybody() const {
  return !one && std::all_of(kKinds.begin(), kKinds.end(),
                             [this](const Kind& kind) { return (this->*kind.wanted).empty(); });
}

base::Result<void> check(const Selection& selection) {
  for (const Kind& kind : kKinds) {
    const auto& wanted = selection.*kind.wanted;
    if (selection.one && !wanted.empty()) {
      return fail("--pid {} and {}: one process is selected by its pid alone", selection.one->pid,
                  kind.option);
    }
    if (std::any_of(wanted.begin(), wanted.end(), [](const auto& one) { return one.empty(); })) {
      return fail(
          "{0} \"\": is empty (a variable that is not set?); leave {0} out to watch every process "
          "that the other options select",
          kind.option);
    }
  }
  return {};
}

std::string words_of(const Selection& selection) {
  if (selection.one) return fmt::format("--pid {}", selection.one->pid);
  std::string words;
  for (const Kind& kind : kKinds) {
    for (const std::string& one : selection.*kind.wanted) {
      const char* const quote = is_plain(one) ? "" : "'";
      words += fmt::format("{}{} {}{}{}", words.empty() ? "" : " ", kind.option, quote, one, quote);
    }
  }
  return words.empty() ? "every process" : words;
}

NameFit fit_comm(const Selection& selection, std::string_view comm) {
  NameFit fit{selection.names.empty(), false};
  for (const std::string& name : selection.names) {
    if (name == comm) fit.fits = true;
    if (name.size() > kMaxCommBytes) fit.is_cut = true;
  }
  return fit;
}

bool fits_cmdline(const Selection& selection, std::string_view cmdline) {
  std::string_view program = cmdline.substr(0, cmdline.find('\0'));
  program.remove_prefix(program.rfind('/') + 1);  // npos + 1 is 0: all of it
  return std::any_of(selection.names.begin(), selection.names.end(), [&](const std::string& name) {
    return name.size() > kMaxCommBytes && name == program;
  });
}

bool fits_program_name(const Selection& selection, const std::string& proc_root, int pid) {
  const auto cmdline =
      read_proc_text(fmt::format("{}/{}/cmdline", proc_root, pid), kMaxCmdlineBytes);
  return cmdline && fits_cmdline(selection, *cmdline);
}

bool asks_for_place(const Selection& selection) {
  return !selection.cgroups.empty() || !selection.units.empty();
}

bool fits_place(const Selection& selection, const Place& place) {
  return fits_any(selection.cgroups, place.cgroup) && fits_unit(selection.units, place.unit);
}

}  // namespace target
