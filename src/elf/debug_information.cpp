#include "elf/debug_information.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "elf/build_id.h"
#include "elf/dwarf_index.h"

namespace elf {
namespace {

using base::fail;
using base::Result;

// Of a file that has lost its debug information: where it may be.
tl::unexpected<base::Error> no_debug_information(const ElfFile& file) {
  const auto section = file.section(".gnu_debuglink");
  const auto link = section ? parse_debug_link(section->bytes) : std::nullopt;
  const auto build_id = read_build_id(file);
  if (!link) return fail("{} has no debug information", file.name());
  if (!build_id) {
    return fail(
        "{} has no debug information: it was moved to a file {}, which is not looked for, since "
        "there is no build id by which to know it; link with -Wl,--build-id",
        file.name(), *link);
  }
  return fail(
      "{} has no debug information: it was moved to a file {} (build id {}), which is not below "
      "/usr/lib/debug; say by --debug-dir in which directory it is (beside the executable is not "
      "looked)",
      file.name(), *link, *build_id);
}

// What dwz took out of `dwarf`, or nothing where it took nothing.
Result<std::optional<DwarfFile>> open_alternate(const DwarfFile& dwarf, base::UniqueFd fd,
                                                const std::string& name) {
  const auto link = dwarf.alternate();
  if (!link) return std::optional<DwarfFile>();
  if (!fd) {
    return fail(
        "part of the debug information of {} was moved by dwz to {} (build id {}), which is not "
        "below /usr/lib/debug; say by --debug-dir in which directory it is (where the file itself "
        "says is not looked)",
        name, link->path, link->build_id);
  }
  auto alternate = DwarfFile::open(std::move(fd), link->path);
  if (!alternate) return alternate;
  if (!*alternate) return fail("{}, which {} needs, has no debug information", link->path, name);
  return alternate;
}

}  // namespace

DebugInformation::DebugInformation(std::unique_ptr<DwarfIndex> index) : index_(std::move(index)) {}
DebugInformation::DebugInformation(DebugInformation&&) noexcept = default;
DebugInformation& DebugInformation::operator=(DebugInformation&&) noexcept = default;
DebugInformation::~DebugInformation() = default;

Result<DebugInformation> DebugInformation::open(const ElfFile& file, DebugFiles files) {
  base::UniqueFd own(::fcntl(file.fd(), F_DUPFD_CLOEXEC, 0));
  if (!own) return fail("open {} once more: {}", file.name(), base::errno_text(errno));
  auto dwarf = DwarfFile::open(std::move(own), file.name());
  const bool has_none = !dwarf || !*dwarf;
  if (has_none && files.separate) {
    dwarf = DwarfFile::open(std::move(files.separate), "the separate file of " + file.name());
  }
  if (!dwarf) return base::pass_on(dwarf);
  if (!*dwarf) return no_debug_information(file);
  auto alternate = open_alternate(**dwarf, std::move(files.alternate), file.name());
  if (!alternate) return base::pass_on(alternate);
  return DebugInformation(
      std::make_unique<DwarfIndex>(std::move(**dwarf), std::move(*alternate), file.name()));
}

bool DebugInformation::has_variable(std::string_view name) const {
  return index_->find_variable(name).has_value();
}

std::optional<std::string> DebugInformation::gap() const {
  return index_->gap();
}

}  // namespace elf
