// What the flight recorder kept, as JSON.
#pragma once

#include <string>

#include "model/capture.h"

namespace expose {

// The answer of /debug/captures.
std::string write_captures_json(const model::CaptureList& list);

// Of the file in which a capture's trace is saved.
std::string trace_file_name_of(const model::CaptureFacts& facts);

}  // namespace expose
