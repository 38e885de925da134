// What the flight recorder kept of moments.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace model {

struct CaptureFacts {
  std::string id;             // such as 20261126T092000Z-01abcdef-1: never used again
  std::string rule;           // that fired
  std::string process;        // the target's label: any bytes
  std::uint64_t unix_ms = 0;  // when it fired
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  std::uint64_t events = 0;  // of the timeline
};

// A file that belongs to a capture, ready to be sent. `name` is of lower-case letters and dots.
struct Attachment {
  std::string name;
  std::string content;
};

// Every capture has this one. A further kind needs a name, who makes it, and a route.
inline constexpr std::string_view kTraceAttachment = "trace.json.gz";
// Of the seconds that followed, where the target still ran: model::ProfileFiles.
inline constexpr std::string_view kPprofAttachment = "profile.pb.gz";
inline constexpr std::string_view kProfileAttachment = "profile.json.gz";

struct Capture {
  CaptureFacts facts;
  std::vector<Attachment> attachments;

  std::size_t bytes() const {
    std::size_t bytes = 0;
    for (const Attachment& attachment : attachments) bytes += attachment.content.size();
    return bytes;
  }
  const Attachment* find(std::string_view name) const {
    const auto found = std::find_if(attachments.begin(), attachments.end(),
                                    [&](const Attachment& one) { return one.name == name; });
    return found != attachments.end() ? &*found : nullptr;
  }
};

// The newest first.
struct CaptureList {
  std::vector<std::shared_ptr<const Capture>> captures;
  std::size_t limit = 0;      // so many are kept
  std::uint64_t dropped = 0;  // went to make room, since the start
};

}  // namespace model
