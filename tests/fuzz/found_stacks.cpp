// What goes between us and the confined process that unwinds: either may have been made to write
// anything.
#include "profile/found_stacks.h"

#include "fuzz/bytes.h"
#include "fuzz/require.h"

namespace {

using fuzz::require;
using Message = std::span<const std::byte>;

constexpr std::size_t kKnownFunctions = 3;
constexpr std::size_t kKnownLocations = 5;
constexpr std::size_t kModules = 2;

bool is_same(const std::vector<std::byte>& written, Message message) {
  return std::equal(written.begin(), written.end(), message.begin(), message.end());
}

void check_requests(Message message) {
  const auto read = profile::read_requests(message);
  if (read) require(is_same(profile::write_requests(*read), message), "requests are as written");
}

void check_facts(Message message) {
  const auto read = profile::read_facts(message);
  if (!read) return;
  const profile::ModuleMap& modules = read->modules;
  std::uint64_t last_end = 0;
  for (const profile::Module& module : modules.modules()) {
    require(module.begin >= last_end && module.begin < module.end, "modules do not overlap");
    require(modules.find(module.begin) == &module && modules.find(module.end - 1) == &module,
            "a module is found from its begin to its end");
    last_end = module.end;
  }
  const auto again = profile::write_facts(*read);
  const auto same = profile::read_facts(again);
  require(same && profile::write_facts(*same) == again, "sorted modules stay as they are");
}

void check_places(const profile::FoundStacks& found) {
  const std::size_t functions = kKnownFunctions + found.new_functions.size();
  const std::size_t locations = kKnownLocations + found.new_locations.size();
  for (const auto& location : found.new_locations) {
    require(!location.module || *location.module < kModules, "a place is in a known module");
    require(location.lines.size() <= profile::kMaxFoundLines, "functions of a place are limited");
    for (const auto& line : location.lines) {
      require(line.function < functions, "a place is in a known function");
    }
  }
  for (const auto& stack : found.stacks) {
    require(!stack.frames.empty() && stack.frames.size() <= profile::kMaxFrames,
            "frames are limited");
    for (const auto& frame : stack.frames) {
      require(frame.location < locations, "a frame is at a known place");
    }
  }
}

void check_found(Message message) {
  const auto read = profile::read_found(message, kKnownFunctions, kKnownLocations, kModules);
  if (!read) {
    require(!read.error().message.empty(), "who fails says why");
    return;
  }
  check_places(*read);
  require(is_same(profile::write_found(*read), message), "stacks are as written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Message message = std::as_bytes(std::span(data, size));
  check_requests(message);
  check_facts(message);
  check_found(message);
  return 0;
}
