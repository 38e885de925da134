#include "target/naming.h"

#include "target/proc_text.h"

namespace target {
namespace {

constexpr std::size_t kMaxTextBytes = 256 * 1024;  // a command line may have 128 KiB and more
constexpr std::string_view kServiceSuffix = ".service";
constexpr std::string_view kScriptSuffix = ".valk";

std::string_view last_component(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0: all of it
}

// Takes the text up to the separator off the front.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

}  // namespace

std::optional<std::string> parse_systemd_service(std::string_view cgroup) {
  while (!cgroup.empty()) {
    const std::string_view unit = last_component(take_until(cgroup, '\n'));
    if (unit.size() > kServiceSuffix.size() && unit.ends_with(kServiceSuffix)) {
      return std::string(unit.substr(0, unit.size() - kServiceSuffix.size()));
    }
  }
  return std::nullopt;
}

std::optional<std::string> parse_script(std::string_view cmdline) {
  take_until(cmdline, '\0');  // the program itself
  while (!cmdline.empty()) {
    const std::string_view argument = take_until(cmdline, '\0');
    if (last_component(argument).size() > kScriptSuffix.size() &&
        argument.ends_with(kScriptSuffix)) {
      return std::string(argument);
    }
  }
  return std::nullopt;
}

std::optional<std::string> read_script(const std::string& proc_root, int pid) {
  const auto cmdline = read_proc_text(fmt::format("{}/{}/cmdline", proc_root, pid), kMaxTextBytes);
  return cmdline ? parse_script(*cmdline) : std::nullopt;
}

std::string stable_name(const std::string& proc_root, const Process& process) {
  const auto cgroup =
      read_proc_text(fmt::format("{}/{}/cgroup", proc_root, process.id.pid), kMaxTextBytes);
  if (cgroup) {
    if (auto service = parse_systemd_service(*cgroup)) return std::move(*service);
  }
  if (const auto script = read_script(proc_root, process.id.pid)) {
    return std::string(last_component(*script));
  }
  return process.comm;
}

}  // namespace target
