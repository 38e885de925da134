#include "target/place.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "target/proc_text.h"

namespace target {
namespace {

constexpr std::size_t kMaxCgroupBytes = 256 * 1024;
constexpr std::size_t kIdDigits = 64;
constexpr std::size_t kShownIdDigits = 12;
constexpr std::size_t kMaxNameBytes = 255;  // what the name of a directory may have
constexpr std::string_view kService = ".service";

// Services that run containers of others: the unit around a container is none of its own. A unit
// that was made for one container (a quadlet, say) is another matter.
constexpr std::array<std::string_view, 17> kEngines{"docker",
                                                    "dockerd",
                                                    "snap.docker.dockerd",
                                                    "containerd",
                                                    "crio",
                                                    "cri-o",
                                                    "podman",
                                                    "kubelet",
                                                    "k3s",
                                                    "k3s-agent",
                                                    "rke2-server",
                                                    "rke2-agent",
                                                    "lxc",
                                                    "snap.lxd.daemon",
                                                    "systemd-nspawn",
                                                    "snap.microk8s.daemon-containerd",
                                                    "snap.microk8s.daemon-kubelite"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool all(std::string_view text, bool (*holds)(char)) {
  return std::all_of(text.begin(), text.end(), holds);
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

// systemd writes bytes that a unit's name can't have as "\x2d". What would not be printed, or would
// look like a directory, stays as it is written.
std::string read_escapes(std::string_view text) {
  std::string read;
  while (!text.empty()) {
    unsigned char byte = 0;
    if (text.size() >= 4 && text.starts_with("\\x")) {
      const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 4, byte, 16);
      if (error == std::errc{} && end == text.data() + 4 && byte > ' ' && byte < 0x7F &&
          byte != '/') {
        read.push_back(static_cast<char>(byte));
        text.remove_prefix(4);
        continue;
      }
    }
    read.push_back(text.front());
    text.remove_prefix(1);
  }
  return read;
}

std::string readable(std::string_view text) {
  return base::valid_utf8(read_escapes(text.substr(0, kMaxNameBytes)));
}

// "1000" of "user@1000.service".
bool is_manager_of_user(std::string_view component) {
  return take_prefix(component, "user@") && take_suffix(component, kService) &&
         !component.empty() && all(component, is_digit);
}

bool is_engine(std::string_view unit) {
  const std::string_view name = unit.substr(0, unit.find('@'));
  return std::find(kEngines.begin(), kEngines.end(), name) != kEngines.end();
}

std::optional<std::string_view> service_of(std::string_view component) {
  // systemd puts "_" before what would look like a file of the kernel's.
  take_prefix(component, "_");
  if (!take_suffix(component, kService) || component.empty()) return std::nullopt;
  return component;
}

// "docker-ID.scope", "cri-containerd-ID.scope", "libpod-ID", "...:cri-containerd:ID" or the ID
// alone. The monitor beside a container, conmon, is not in it.
std::optional<std::string> id_of(std::string_view component) {
  take_suffix(component, ".scope");
  if (component.size() < kIdDigits) return std::nullopt;
  const std::string_view engine = component.substr(0, component.size() - kIdDigits);
  const std::string_view id = component.substr(engine.size());
  if (!all(id, is_hex) || engine.find("conmon") != std::string_view::npos) return std::nullopt;
  if (!engine.empty() && !engine.ends_with('-') && !engine.ends_with(':')) return std::nullopt;
  return std::string(id.substr(0, kShownIdDigits));
}

// Containers that have names in the tree; `parent` is the directory around.
std::optional<std::string> container_name_of(std::string_view parent, std::string_view component) {
  if (parent == "lxc" || parent == "lxc.payload") return readable(component);
  std::string_view name = component;
  if (take_prefix(name, "lxc.payload.") && !name.empty()) return readable(name);
  name = component;
  if (take_prefix(name, "machine-") && take_suffix(name, ".scope") && !name.empty()) {
    return readable(name);
  }
  name = component;
  if (take_prefix(name, "systemd-nspawn@") && take_suffix(name, kService) && !name.empty()) {
    return readable(name);
  }
  return std::nullopt;
}

// A uid as "8-4-4-4-12" hex digits, or without dashes (the pods of a node's own files).
std::optional<std::string> pod_uid(std::string_view text) {
  constexpr std::array<std::size_t, 5> kParts{8, 4, 4, 4, 12};
  std::string uid(text);
  std::replace(uid.begin(), uid.end(), '_', '-');
  if (uid.size() == 32 && all(uid, is_hex)) return uid;
  const auto parts = split(uid, '-');
  if (parts.size() != kParts.size()) return std::nullopt;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].size() != kParts.at(i) || !all(parts[i], is_hex)) return std::nullopt;
  }
  return uid;
}

// "podUID", "kubepods-burstable-podUID.slice", "kubepods-podUID.slice:cri-containerd:ID".
std::optional<std::string> pod_of(std::string_view component) {
  component = component.substr(0, component.find(':'));
  take_suffix(component, ".slice");
  const std::size_t pod = component.rfind("pod");
  if (pod == std::string_view::npos || (pod != 0 && component[pod - 1] != '-')) return std::nullopt;
  return pod_uid(component.substr(pod + 3));
}

// From the outside in: what is further in counts.
Place place_of(std::string_view path) {
  Place place;
  bool is_users = false;
  std::string_view parent;
  for (const std::string_view component : split(path, '/')) {
    if (is_manager_of_user(component)) {
      is_users = true;
    } else if (auto name = container_name_of(parent, component)) {
      place.container = std::move(*name);
      if (is_engine(place.unit)) place.unit.clear();
    } else if (const auto service = service_of(component)) {
      place.is_unit_nested = !place.unit.empty() || !place.container.empty();
      place.unit = readable(*service);
      place.is_unit_of_user = is_users;
    } else if (auto id = id_of(component)) {
      place.container = std::move(*id);
      if (is_engine(place.unit)) place.unit.clear();
    }
    if (auto pod = pod_of(component)) {
      place.pod = std::move(*pod);
      place.unit.clear();
    }
    parent = component;
  }
  return place;
}

struct Hierarchy {
  int rank = 0;  // the smaller, the better it is known to be kept
  std::string_view path;
};

std::optional<Hierarchy> parse_hierarchy(std::string_view text) {
  const std::size_t first = text.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::string_view controllers = text.substr(first + 1, second - first - 1);
  Hierarchy line{2, text.substr(second + 1)};
  if (controllers.empty()) line.rank = 0;
  if (controllers == "name=systemd") line.rank = 1;
  take_suffix(line.path, " (deleted)");
  if (line.path.find_first_not_of("/.") == std::string_view::npos) return std::nullopt;
  return line;
}

}  // namespace

// Hierarchies may be filled by different hands: each thing is taken from the best that tells it.
Place parse_place(std::string_view cgroup) {
  std::vector<Hierarchy> lines;
  for (const std::string_view text : split(cgroup, '\n')) {
    if (const auto line = parse_hierarchy(text)) lines.push_back(*line);
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Hierarchy& a, const Hierarchy& b) { return a.rank < b.rank; });
  Place place;
  bool is_unit_of_pod = false;
  for (const Hierarchy& line : lines) {
    Place told = place_of(line.path);
    if (place.cgroup.empty()) place.cgroup = line.path;
    if (place.unit.empty() && place.pod.empty()) {
      is_unit_of_pod = !told.pod.empty();
      place.unit = std::move(told.unit);
      place.is_unit_of_user = told.is_unit_of_user;
      place.is_unit_nested = told.is_unit_nested;
    }
    if (place.container.empty()) place.container = std::move(told.container);
    if (place.pod.empty()) place.pod = std::move(told.pod);
  }
  // Where one tells of the engine's unit and another of the container: who runs it is not it.
  const bool is_of_engine = is_engine(place.unit) && !place.container.empty();
  if (is_of_engine || (!place.pod.empty() && !is_unit_of_pod)) place.unit.clear();
  if (place.unit.empty()) place.is_unit_of_user = place.is_unit_nested = false;
  return place;
}

Place read_place(const std::string& proc_root, int pid) {
  const auto text = read_proc_text(fmt::format("{}/{}/cgroup", proc_root, pid), kMaxCgroupBytes);
  return text ? parse_place(*text) : Place{};
}

}  // namespace target
