// Names and facts of captures, as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/capture.h"

namespace timeline {

// The next id of an exporter that named its start `epoch`, by eight hexadecimal digits.
std::string make_capture_id(std::uint64_t unix_ms, std::string_view epoch, std::uint64_t number);

// Whether it may be part of a file's name, whoever it comes from, and is hardly anybody else's.
bool is_capture_id(std::string_view text);
bool is_attachment_name(std::string_view text);

// The facts as lines of text, and back. What was cut or comes from somebody else is an error.
std::string write_capture_facts(const model::CaptureFacts& facts);
base::Result<model::CaptureFacts> parse_capture_facts(std::string_view text);

}  // namespace timeline
