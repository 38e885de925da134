// Room for the descriptors that watching takes.
#pragma once

#include <cstdint>

namespace watch {

// What a target takes at most: a pidfd, its executable, its memory, its mappings while they are
// read, and before Linux 6.11 one for each probe site.
inline constexpr std::uint64_t kDescriptorsATarget = 32;
// What the exporter takes without any: maps, programs, rings, files, clients.
inline constexpr std::uint64_t kOwnDescriptors = 1'024;

// Raises this process's own limit of open files to what so many targets take, as far as it may go.
// Where that is not enough it is said in the log: targets past it are refused, each by itself.
void make_room_for_descriptors(std::uint32_t max_targets);

}  // namespace watch
