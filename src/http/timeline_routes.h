// The timeline over HTTP.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/exchange.h"
#include "http/sources.h"

namespace http {

// A place in the timeline, as `?since=` and Last-Event-ID name it: "EPOCH-SEQ", or "SEQ" of the
// epoch that is.
struct Since {
  std::string epoch;  // empty: the one that is
  std::uint64_t sequence = 0;
};

base::Result<Since> parse_since(std::string_view text);

// Of a parameter of the query: nothing but digits.
std::optional<std::uint64_t> parse_number(std::string_view text);

// Answers 400 with a sentence.
void refuse(Response& response, const std::string& why);

// /debug/gc-events?since=&limit=&process=
void answer_events(const Sources& sources, const Request& request, Response& response);

// /debug/history?seconds=&process=
void answer_history(const Sources& sources, const Request& request, Response& response);

}  // namespace http
