#include "http/timeline_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/utf8.h"
#include "expose/history_json.h"
#include "expose/timeline_json.h"

namespace http {
namespace {

using base::fail;
using base::Result;

constexpr std::uint64_t kDefaultLimit = 1'000;
constexpr std::uint64_t kMaxLimit = 10'000;
constexpr std::uint64_t kMaxSeconds = 600;

Result<std::uint64_t> parse_limit(const std::optional<std::string>& text) {
  if (!text) return kDefaultLimit;
  const auto limit = parse_number(*text);
  if (!limit || *limit == 0)
    return fail("limit \"{}\": use a number from 1 to {}", *text, kMaxLimit);
  return std::min(*limit, kMaxLimit);
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

void refuse(Response& response, const std::string& why) {
  response.status = 400;
  response.body = base::valid_utf8(why) + "\n";
  response.content_type = kPlainText;
}

Result<Since> parse_since(std::string_view text) {
  const std::size_t dash = text.find('-');
  const bool has_epoch = dash != std::string_view::npos;
  const auto sequence = parse_number(has_epoch ? text.substr(dash + 1) : text);
  if (!sequence || (has_epoch && dash == 0)) {
    return fail("since \"{}\": use EPOCH-SEQ or SEQ, as an earlier answer has them", text);
  }
  return Since{std::string(has_epoch ? text.substr(0, dash) : ""), *sequence};
}

// Of another epoch everything that is kept is new.
void answer_events(const Sources& sources, const Request& request, Response& response) {
  const auto since_text = parameter_of(request, "since");
  const auto since = since_text ? parse_since(*since_text) : Since{};
  const auto limit = parse_limit(parameter_of(request, "limit"));
  if (!since) return refuse(response, since.error().message);
  if (!limit) return refuse(response, limit.error().message);
  const auto process = parameter_of(request, "process");
  auto part = sources.events(since->sequence + (since_text ? 1 : 0), *limit, process);
  const bool is_reset = !since->epoch.empty() && since->epoch != part.epoch;
  if (is_reset) part = sources.events(0, *limit, process);
  response.body = expose::write_events_json(part, is_reset);
  response.content_type = "application/json";
  response.fields.emplace_back("Cache-Control", "no-store");
}

// The epoch is that of the events, so that a page can tell whether both are of one life.
void answer_history(const Sources& sources, const Request& request, Response& response) {
  const auto text = parameter_of(request, "seconds");
  const auto seconds = text ? parse_number(*text) : kMaxSeconds;
  if (!seconds || *seconds == 0 || *seconds > kMaxSeconds) {
    return refuse(response,
                  fmt::format("seconds \"{}\": use a number from 1 to {}", *text, kMaxSeconds));
  }
  const auto history = sources.history(parameter_of(request, "process"), *seconds);
  if (!history) {
    response.status = 404;
    response.body = "no second of such a process is kept\n";
    response.content_type = kPlainText;
    return;
  }
  const model::TimelinePart nothing = sources.events(0, 0, std::nullopt);
  response.body = expose::write_history_json(*history, nothing.epoch);
  response.content_type = "application/json";
  response.fields.emplace_back("Cache-Control", "no-store");
}

}  // namespace http
