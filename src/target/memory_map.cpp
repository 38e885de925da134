#include "target/memory_map.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "target/proc_text.h"

namespace target {
namespace {

using base::fail;
using base::Result;

// 65,530 mappings are the kernel's default limit; a line without a path has about 50 bytes.
constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;
constexpr std::uint64_t kPageMask = 4095;
constexpr std::size_t kMaxSegments = 64;  // linkers make four to six

// Takes fields off the front of a line of maps.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text) {}

  // A number that `end` ends.
  std::optional<std::uint64_t> take_number(int base, char end) {
    const std::size_t size = rest_.find(end);
    if (size == std::string_view::npos) return std::nullopt;
    std::uint64_t number = 0;
    const char* const stop = rest_.data() + size;
    const auto [parsed, error] = std::from_chars(rest_.data(), stop, number, base);
    if (error != std::errc{} || parsed != stop) return std::nullopt;
    rest_.remove_prefix(size + 1);
    return number;
  }

  std::optional<std::string_view> take_word() {
    const std::size_t size = rest_.find(' ');
    if (size == std::string_view::npos) return std::nullopt;
    const std::string_view word = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return word;
  }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// "START-END PERMISSIONS OFFSET MAJOR:MINOR INODE" and, behind padding, the path.
std::optional<Mapping> parse_line(std::string_view text) {
  Line line(text);
  const auto start = line.take_number(16, '-');
  const auto end = line.take_number(16, ' ');
  const auto permissions = line.take_word();
  const auto offset = line.take_number(16, ' ');
  const auto major_number = line.take_number(16, ':');
  const auto minor_number = line.take_number(16, ' ');
  const auto inode = line.take_number(10, ' ');
  if (!start || !end || !permissions || !offset || !major_number || !minor_number || !inode) {
    return std::nullopt;
  }
  if (*start >= *end) return std::nullopt;
  std::string_view path = line.rest();
  path.remove_prefix(std::min(path.find_first_not_of(' '), path.size()));
  const auto device =
      makedev(static_cast<unsigned>(*major_number), static_cast<unsigned>(*minor_number));
  const bool executable = permissions->find('x') != std::string_view::npos;
  return Mapping{*start, *end, *offset, device, *inode, executable, std::string(path)};
}

// On btrfs and overlayfs maps and stat tell different devices: there the path decides.
bool is_of(const Mapping& mapping, const Executable& executable) {
  return mapping.inode == executable.version.inode &&
         (mapping.device == executable.version.device || mapping.path == executable.path);
}

std::uint64_t page_of(std::uint64_t value) {
  return value & ~kPageMask;
}

// The mapping that holds the address. `mappings` is in the order of addresses, as the kernel's is.
const Mapping* find_mapping(std::span<const Mapping> mappings, std::uint64_t address) {
  const auto above = std::upper_bound(
      mappings.begin(), mappings.end(), address,
      [](std::uint64_t wanted, const Mapping& mapping) { return wanted < mapping.start; });
  if (above == mappings.begin()) return nullptr;
  const Mapping& mapping = *std::prev(above);
  return address < mapping.end ? &mapping : nullptr;
}

enum class Stands { kThere, kCopied, kNot };

// Whether the segment's first page stands where `bias` says.
Stands stands_at(const elf::Segment& segment, std::uint64_t bias, std::span<const Mapping> mappings,
                 const Executable& executable) {
  const std::uint64_t address = page_of(segment.address) + bias;
  const Mapping* const mapping = find_mapping(mappings, address);
  if (mapping == nullptr) return Stands::kNot;
  if (mapping->inode == 0) return Stands::kCopied;
  const bool fits = is_of(*mapping, executable) &&
                    address - mapping->start + mapping->offset == page_of(segment.offset);
  return fits ? Stands::kThere : Stands::kNot;
}

bool fits(std::uint64_t bias, std::span<const Mapping> mappings, const Executable& executable,
          std::span<const elf::Segment> segments) {
  std::size_t there = 0;
  for (const elf::Segment& segment : segments) {
    if (segment.file_size == 0) continue;
    const Stands stands = stands_at(segment, bias, mappings, executable);
    if (stands == Stands::kNot) return false;
    there += stands == Stands::kThere ? 1 : 0;
  }
  return there > 0;
}

}  // namespace

Result<std::vector<Mapping>> parse_maps(std::string_view text) {
  std::vector<Mapping> mappings;
  while (!text.empty()) {
    const std::size_t size = text.find('\n');
    if (size == std::string_view::npos) return fail("parse /proc/PID/maps: the last line is cut");
    auto mapping = parse_line(text.substr(0, size));
    if (!mapping) return fail("parse /proc/PID/maps: line {} is broken", mappings.size() + 1);
    mappings.push_back(std::move(*mapping));
    text.remove_prefix(size + 1);
  }
  return mappings;
}

Result<std::vector<Mapping>> read_maps(const std::string& proc_root, int pid) {
  const auto text = read_proc_text(living_directory(proc_root, pid) + "/maps", kMaxBytes);
  if (!text) return base::pass_on(text);
  return parse_maps(*text);
}

Result<std::uint64_t> find_load_bias(std::span<const Mapping> mappings,
                                     const Executable& executable,
                                     std::span<const elf::Segment> segments) {
  if (segments.empty() || segments.size() > kMaxSegments) {
    return fail("find where {} was loaded: it has {} segments", executable.path, segments.size());
  }
  std::vector<Mapping> sorted(mappings.begin(), mappings.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Mapping& a, const Mapping& b) { return a.start < b.start; });
  std::size_t own = 0;
  for (const Mapping& mapping : sorted) {
    if (!is_of(mapping, executable)) continue;
    ++own;
    for (const elf::Segment& segment : segments) {
      if (mapping.offset != page_of(segment.offset)) continue;
      const std::uint64_t bias = mapping.start - page_of(segment.address);
      if (fits(bias, sorted, executable, segments)) return bias;
    }
  }
  return fail("find where {} was loaded: {} of {} mappings are of it, none fits its segments",
              executable.path, own, mappings.size());
}

}  // namespace target
