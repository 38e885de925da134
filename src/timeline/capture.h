// What the flight recorder kept of one moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace timeline {

struct CaptureFacts {
  std::string id;             // such as 20261126T092000Z-01abcdef-1: never used again
  std::string rule;           // that fired
  std::string process;        // the target's label: any bytes
  std::uint64_t unix_ms = 0;  // when it fired
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  std::uint64_t events = 0;  // of the timeline
};

// A file that belongs to a capture, ready to be sent. Which ones there are is for who makes
// captures; `name` is of lower-case letters and dots, such as "trace.json.gz".
struct Attachment {
  std::string name;
  std::string content;
};

inline constexpr std::string_view kTraceAttachment = "trace.json.gz";

struct Capture {
  CaptureFacts facts;
  std::vector<Attachment> attachments;

  std::size_t bytes() const;
  const Attachment* find(std::string_view name) const;
};

// The next id of an exporter that named its start `epoch`, by eight hexadecimal digits.
std::string make_capture_id(std::uint64_t unix_ms, std::string_view epoch, std::uint64_t number);

// Whether it may be part of a file's name, whoever it comes from, and is hardly anybody else's.
bool is_capture_id(std::string_view text);
bool is_attachment_name(std::string_view text);

// The facts as lines of text, and back. What was cut or comes from somebody else is an error.
std::string write_capture_facts(const CaptureFacts& facts);
base::Result<CaptureFacts> parse_capture_facts(std::string_view text);

}  // namespace timeline
