// /proc/PID/maps, which a process can make as long and as strange as it likes, and where in it its
// executable stands. After a zero byte: the executable's segments.
#include <fmt/format.h>
#include <sys/sysmacros.h>

#include <cstring>

#include "fuzz/bytes.h"
#include "fuzz/require.h"
#include "target/memory_map.h"

namespace {

using fuzz::require;
using target::Mapping;

std::string line_of(const Mapping& mapping) {
  return fmt::format("{:x}-{:x} r-{}p {:08x} {:02x}:{:02x} {} {:>10}{}\n", mapping.start,
                     mapping.end, mapping.executable ? 'x' : '-', mapping.offset,
                     major(mapping.device), minor(mapping.device), mapping.inode, "", mapping.path);
}

bool are_same(const Mapping& a, const Mapping& b) {
  return a.start == b.start && a.end == b.end && a.offset == b.offset && a.device == b.device &&
         a.inode == b.inode && a.executable == b.executable && a.path == b.path;
}

void check_round_trip(const std::vector<Mapping>& mappings) {
  std::string text;
  for (const Mapping& mapping : mappings) text += line_of(mapping);
  const auto again = target::parse_maps(text);
  require(again && again->size() == mappings.size(), "maps that are written are read");
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    require(are_same(mappings[i], (*again)[i]), "a mapping that is written is read as it was");
  }
}

// Each is four bytes: page of the address, page of the offset, code.
std::vector<elf::Segment> segments_of(std::string_view bytes) {
  std::vector<elf::Segment> segments;
  for (; bytes.size() >= 4; bytes.remove_prefix(4)) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    segments.push_back({std::uint64_t{byte(0)} << 12 | byte(3), std::uint64_t{byte(1)} << 12,
                        std::uint64_t{byte(2)} << 8, (byte(3) & 1) != 0});
  }
  return segments;
}

void check_load_bias(const std::vector<Mapping>& mappings, std::string_view segment_bytes) {
  if (mappings.empty()) return;
  const auto segments = segments_of(segment_bytes);
  target::Executable executable;
  executable.version.device = mappings[0].device;
  executable.version.inode = mappings[0].inode;
  executable.path = mappings[0].path;
  const auto bias = target::find_load_bias(mappings, executable, segments);
  if (!bias) return;
  bool stands = false;
  for (const elf::Segment& segment : segments) {
    const std::uint64_t address = (segment.address & ~std::uint64_t{4095}) + *bias;
    for (const Mapping& mapping : mappings) {
      stands |= segment.file_size > 0 && address >= mapping.start && address < mapping.end;
    }
  }
  require(stands, "something of the executable stands where the bias says");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::text_of(data, size);
  const std::string_view text = input.substr(0, input.find('\0'));
  const std::string_view segment_bytes = input.substr(std::min(text.size() + 1, input.size()));
  const auto mappings = target::parse_maps(text);
  if (!mappings) {
    require(!mappings.error().message.empty(), "who fails says why");
    return 0;
  }
  for (const Mapping& mapping : *mappings) {
    require(mapping.start < mapping.end, "a mapping has bytes");
    require(mapping.path.find('\n') == std::string::npos, "a path ends with its line");
  }
  check_round_trip(*mappings);
  check_load_bias(*mappings, segment_bytes);
  return 0;
}
