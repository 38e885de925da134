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

  bool skip_word() {
    const std::size_t size = rest_.find(' ');
    if (size == std::string_view::npos) return false;
    rest_.remove_prefix(size + 1);
    return true;
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
  const bool permissions = line.skip_word();
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
  return Mapping{*start, *end, *offset, device, *inode, std::string(path)};
}

// On btrfs and overlayfs maps and stat tell different devices: there the path decides.
bool is_of(const Mapping& mapping, const Executable& executable) {
  return mapping.inode == executable.inode &&
         (mapping.device == executable.device || mapping.path == executable.path);
}

std::uint64_t page_of(std::uint64_t value) {
  return value & ~kPageMask;
}

// Whether the segment's first page stands where `bias` says. `own` is in the order of addresses.
bool stands_at(const elf::Segment& segment, std::uint64_t bias, std::span<const Mapping> own) {
  const std::uint64_t address = page_of(segment.address) + bias;
  const auto above = std::upper_bound(
      own.begin(), own.end(), address,
      [](std::uint64_t wanted, const Mapping& mapping) { return wanted < mapping.start; });
  if (above == own.begin()) return false;
  const Mapping& mapping = *std::prev(above);
  return address < mapping.end &&
         address - mapping.start + mapping.offset == page_of(segment.offset);
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
  const auto text = read_proc_text(fmt::format("{}/{}/maps", proc_root, pid), kMaxBytes);
  if (!text) return base::pass_on(text);
  return parse_maps(*text);
}

Result<std::uint64_t> find_load_bias(std::span<const Mapping> mappings,
                                     const Executable& executable,
                                     std::span<const elf::Segment> segments) {
  if (segments.empty() || segments.size() > kMaxSegments) {
    return fail("find where {} was loaded: it has {} segments", executable.path, segments.size());
  }
  std::vector<Mapping> own;
  for (const Mapping& mapping : mappings) {
    if (is_of(mapping, executable)) own.push_back(mapping);
  }
  std::sort(own.begin(), own.end(),
            [](const Mapping& a, const Mapping& b) { return a.start < b.start; });
  for (const Mapping& mapping : own) {
    if (mapping.offset != page_of(segments.front().offset)) continue;
    const std::uint64_t bias = mapping.start - page_of(segments.front().address);
    const bool fits =
        std::all_of(segments.begin(), segments.end(), [&](const elf::Segment& segment) {
          return segment.file_size == 0 || stands_at(segment, bias, own);
        });
    if (fits) return bias;
  }
  return fail("find where {} was loaded: {} of {} mappings are of it, none fits its segments",
              executable.path, own.size(), mappings.size());
}

}  // namespace target
