#include "elf/debug_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <optional>

#include "elf/debug_link.h"
#include "elf/sections.h"

namespace elf {
namespace {

using Paths = std::vector<std::string>;

constexpr const char* kSystemDirectory = "/usr/lib/debug";
constexpr std::size_t kMinIdDigits = 4;
constexpr std::size_t kMaxLinkBytes = 8192;  // a path, its end and a number

// The file at `path`, if it has that build id. A pipe or a device must not keep us waiting.
base::UniqueFd open_with_id(const std::string& path, const std::string& build_id) {
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return base::UniqueFd();
  const ElfHandle file = open_elf(fd.get());
  if (!file || build_id_of(file.get()) != build_id) return base::UniqueFd();
  return fd;
}

// The first of `places`, which are below a directory each, that has it.
base::UniqueFd open_below(const Paths& directories, const Paths& places,
                          const std::string& build_id) {
  for (const std::string& directory : directories) {
    for (const std::string& place : places) {
      if (auto fd = open_with_id(directory + "/" + place, build_id)) return fd;
    }
  }
  return base::UniqueFd();
}

std::string place_by_id(const std::string& build_id) {
  return fmt::format(".build-id/{}/{}.debug", build_id.substr(0, 2), build_id.substr(2));
}

// The directory that an executable is in, as a place below another one; empty: it can't be one.
std::string directory_of(std::string_view path) {
  if (!path.starts_with('/') || path.find("/../") != std::string_view::npos) return {};
  return std::string(path.substr(1, path.rfind('/')));
}

base::UniqueFd open_separate(Elf* view, const std::string& path, const Paths& directories) {
  const std::string build_id = build_id_of(view);
  if (build_id.size() < kMinIdDigits) return base::UniqueFd();
  Paths places{place_by_id(build_id)};
  if (const auto name = parse_debug_link(read_section(view, ".gnu_debuglink", kMaxLinkBytes))) {
    places.push_back(*name);
    if (const auto directory = directory_of(path); !directory.empty()) {
      places.push_back(directory + *name);
    }
  }
  return open_below(directories, places, build_id);
}

base::UniqueFd open_alternate(Elf* view, const Paths& directories) {
  const auto link = parse_alternate_link(read_section(view, ".gnu_debugaltlink", kMaxLinkBytes));
  if (!link || link->build_id.size() < kMinIdDigits) return base::UniqueFd();
  Paths places{place_by_id(link->build_id)};
  if (const std::string name = file_name_of(link->path); !name.empty()) {
    places.push_back(name);
    places.push_back(".dwz/" + name);
    // Debian has a directory there for each architecture.
    const std::string_view above = std::string_view(link->path).substr(0, link->path.rfind('/'));
    if (const std::string group = file_name_of(above); !group.empty()) {
      places.push_back(fmt::format(".dwz/{}/{}", group, name));
    }
  }
  return open_below(directories, places, link->build_id);
}

}  // namespace

DebugFiles open_debug_files(const ElfFile& file, const std::vector<std::string>& directories) {
  DebugFiles found;
  const ElfHandle view = open_elf(file.fd());
  if (!view) return found;
  Paths all = directories;
  all.emplace_back(kSystemDirectory);
  found.separate = open_separate(view.get(), file.name(), all);
  found.alternate = open_alternate(view.get(), all);
  if (found.alternate || !found.separate) return found;
  const ElfHandle separate = open_elf(found.separate.get());
  if (separate) found.alternate = open_alternate(separate.get(), all);
  return found;
}

}  // namespace elf
