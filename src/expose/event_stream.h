// The timeline as server-sent events (the text of an EventSource, as the HTML standard has it).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/snapshot.h"
#include "model/timeline_event.h"

namespace expose {

// The first bytes of each stream: when to come again, and something that a proxy passes on at once.
inline constexpr std::string_view kStreamBegin = "retry: 2000\n: ok\n\n";
// All that a stream says for which there is no place.
inline constexpr std::string_view kStreamBusy = "retry: 15000\nevent: busy\ndata: {}\n\n";
// The last words.
inline constexpr std::string_view kStreamBye = "event: bye\ndata: {}\n\n";

inline constexpr std::uint64_t kSnapshotIntervalMs = 1'000;

// Who is watched, and where the timeline stands. `snapshot`: the last one; only who the targets
// are is told of it.
std::string write_hello(const model::Snapshot& snapshot, std::string_view epoch,
                        std::uint64_t next);

// That what the reader knows of sequences is void: all events that are kept follow.
std::string write_reset(std::string_view epoch, std::uint64_t first, std::uint64_t next);

// A moment of all targets, or of the one of that name. It has no id: ids belong to what can be
// asked for again.
std::string write_snapshot_event(const model::Snapshot& snapshot, const std::string* process);

// One event of the timeline, named by its kind, with its id.
std::string write_timeline_event(const model::TimelineEvent& event, std::string_view epoch);

}  // namespace expose
