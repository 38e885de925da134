// Rules of the flight recorder, and the facts of captures that lie on disk.
#include "fuzz/bytes.h"
#include "fuzz/require.h"
#include "timeline/capture.h"
#include "timeline/capture_rule.h"

namespace {

using fuzz::require;

void check_rule(std::string_view text) {
  const auto rule = timeline::parse_capture_rule(text);
  if (!rule) return require(!rule.error().message.empty(), "a failure has a message");
  const auto again = timeline::parse_capture_rule(rule->text);
  require(again.has_value(), "the one form of a rule is a rule");
  require(again->text == rule->text, "the one form of a rule is its own");
  require(again->kind == rule->kind, "a rule stays what it is");
}

void check_facts(std::string_view text) {
  const auto facts = timeline::parse_capture_facts(text);
  if (!facts) return;
  require(timeline::is_capture_id(facts->id), "an id is fit for a file's name");
  const auto again = timeline::parse_capture_facts(timeline::write_capture_facts(*facts));
  require(again.has_value(), "facts that are written are read");
  require(again->id == facts->id && again->unix_ms == facts->unix_ms &&
              again->first_sequence == facts->first_sequence &&
              again->last_sequence == facts->last_sequence && again->events == facts->events,
          "facts are read as they were");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check_rule(text);
  check_facts(text);
  return 0;
}
