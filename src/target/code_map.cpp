#include "target/code_map.h"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <utility>

#include "elf/build_id.h"
#include "elf/elf_file.h"
#include "target/mapped_file.h"
#include "target/memory_map.h"

namespace target {
namespace {

constexpr std::size_t kMaxFiles = 64;
constexpr const char* kVdso = "[vdso]";
constexpr std::uint64_t kPageBytes = 4096;

// A file while its mappings are looked at. Without a number: it can't be read, which is tried once.
struct Read {
  std::optional<std::size_t> number;  // of CodeMap::files
  std::vector<elf::Segment> segments;
};

// A segment is mapped from the page that it begins in.
std::optional<std::uint64_t> bias_of(const Mapping& mapping,
                                     const std::vector<elf::Segment>& segments) {
  for (const elf::Segment& segment : segments) {
    const std::uint64_t first = segment.offset & ~(kPageBytes - 1);
    const bool is_here = segment.is_code && mapping.offset >= first &&
                         mapping.offset < segment.offset + segment.file_size;
    if (is_here) return mapping.start - (segment.address + (mapping.offset - segment.offset));
  }
  return std::nullopt;
}

// The file and what is read of it share a descriptor's file, not the descriptor.
std::optional<elf::ElfFile> look_into(const Executable& file) {
  base::UniqueFd own(::fcntl(file.fd.get(), F_DUPFD_CLOEXEC, 0));
  if (!own) return std::nullopt;
  auto opened = elf::ElfFile::open(std::move(own), file.path);
  return opened ? std::optional(std::move(*opened)) : std::nullopt;
}

// One image is mapped into all processes, so ours is theirs; memory of theirs could be anything.
base::Result<Executable> copy_own_vdso(const Mapping& theirs) {
  const std::uint64_t address = ::getauxval(AT_SYSINFO_EHDR);
  if (address == 0) return base::fail("copy the vdso: this process has none");
  Executable copy;
  copy.path = kVdso;
  copy.fd = base::UniqueFd(::memfd_create("vdso", MFD_CLOEXEC));
  const auto own = read_maps("/proc", ::getpid());
  if (!copy.fd || !own) return base::fail("copy the vdso: {}", base::errno_text(errno));
  const auto mapped = std::find_if(own->begin(), own->end(), [&](const Mapping& mapping) {
    return mapping.start == address && mapping.end - mapping.start == theirs.end - theirs.start;
  });
  if (mapped == own->end()) return base::fail("copy the vdso: theirs is another one");
  const std::size_t bytes = mapped->end - mapped->start;
  // The kernel says where it put it.
  // NOLINTNEXTLINE(performance-no-int-to-ptr, cppcoreguidelines-pro-type-reinterpret-cast)
  const auto* const image = reinterpret_cast<const void*>(address);
  if (::write(copy.fd.get(), image, bytes) != static_cast<ssize_t>(bytes)) {
    return base::fail("copy the vdso: {}", base::errno_text(errno));
  }
  return copy;
}

}  // namespace

base::Result<CodeMap> read_code_map(const std::string& proc_root, int pid) {
  const auto mappings = read_maps(proc_root, pid);
  if (!mappings) return base::pass_on(mappings);
  CodeMap map;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Read> read;  // by device and inode
  for (const Mapping& mapping : *mappings) {
    const bool is_kernels = mapping.path == kVdso;
    if (!mapping.executable || (mapping.inode == 0 && !is_kernels)) continue;
    const auto [known, is_new] = read.try_emplace({mapping.device, mapping.inode});
    Read& code = known->second;
    if (is_new && read.size() <= kMaxFiles) {
      auto file = is_kernels ? copy_own_vdso(mapping) : open_mapping(proc_root, pid, mapping);
      if (const auto inside = file ? look_into(*file) : std::nullopt) {
        code = {map.files.size(), inside->segments()};
        map.files.push_back({std::move(*file), elf::read_build_id(*inside).value_or("")});
      }
    }
    if (const auto bias = bias_of(mapping, code.segments)) {
      map.mappings.push_back({mapping.start, mapping.end, *bias, mapping.offset, *code.number});
    } else {
      ++map.left_out;
    }
  }
  return map;
}

}  // namespace target
