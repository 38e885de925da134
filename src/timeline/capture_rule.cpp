#include "timeline/capture_rule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace timeline {
namespace {

using base::fail;
using base::Result;
using Kind = CaptureRule::Kind;

constexpr std::size_t kMaxRules = 16;
constexpr std::size_t kMaxRuleBytes = 200;
constexpr std::uint64_t kNsOfMs = 1'000'000;
constexpr double kMaxMs = 600'000;
constexpr double kMaxWindowMs = 60'000;
constexpr double kMinWindowMs = 1'000;

constexpr std::array kSubjects{
    std::pair<std::string_view, Kind>{"gc_pause", Kind::kGcPause},
    std::pair<std::string_view, Kind>{"loop_stall", Kind::kLoopStall},
    std::pair<std::string_view, Kind>{"gc_pause_share", Kind::kGcPauseShare},
    std::pair<std::string_view, Kind>{"target_down", Kind::kTargetDown}};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Goes through a rule from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<CaptureRule> read();

 private:
  struct Number {
    double value = 0;
    std::size_t at = 0;
  };

  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::string_view take_word() {
    skip_spaces();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  bool is_at_end() {
    skip_spaces();
    return at_ == text_.size();
  }

  template <typename... Args>
  tl::unexpected<base::Error> fail_at(std::size_t at, fmt::format_string<Args...> format,
                                      Args&&... args) const {
    return fail("rule \"{}\": at character {}: {}", text_, at + 1,
                fmt::format(format, std::forward<Args>(args)...));
  }

  Result<Kind> read_subject();
  Result<void> read_sign();
  Result<Number> read_number();
  Result<std::uint64_t> read_duration(double least_ms, double most_ms);
  Result<double> read_share();
  Result<void> read_end();
  Result<CaptureRule> read_limits(Kind kind);

  const std::string_view text_;
  std::size_t at_ = 0;
};

Result<Kind> Reader::read_subject() {
  skip_spaces();
  const std::size_t begin = at_;
  const std::string_view word = take_word();
  for (const auto& [name, kind] : kSubjects) {
    if (name == word) return kind;
  }
  return fail_at(begin, "use gc_pause, loop_stall, gc_pause_share or target_down");
}

Result<void> Reader::read_sign() {
  skip_spaces();
  if (at_ >= text_.size() || text_[at_] != '>') return fail_at(at_, "\">\" is missing");
  ++at_;
  return {};
}

Result<Reader::Number> Reader::read_number() {
  skip_spaces();
  const std::size_t begin = at_;
  while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
  const char* const first = text_.data() + begin;
  const char* const last = text_.data() + at_;
  if (first == last) return fail_at(begin, "a number is missing");
  double value = 0;
  const auto [rest, error] = std::from_chars(first, last, value, std::chars_format::fixed);
  if (error != std::errc() || rest != last || !std::isfinite(value)) {
    return fail_at(begin, "\"{}\" is no number", text_.substr(begin, at_ - begin));
  }
  return Number{value, begin};
}

Result<std::uint64_t> Reader::read_duration(double least_ms, double most_ms) {
  const auto number = read_number();
  if (!number) return base::pass_on(number);
  skip_spaces();
  const std::size_t begin = at_;
  const std::string_view unit = take_word();
  if (unit.empty() || unit == "for") {
    return fail_at(number->at, "a unit is missing: ms or s");
  }
  if (unit != "ms" && unit != "s") return fail_at(begin, "\"{}\" is no unit: use ms or s", unit);
  const double ms = unit == "s" ? number->value * 1'000 : number->value;
  if (ms < least_ms || ms > most_ms) {
    return fail_at(number->at, "use {}ms to {}s", least_ms, most_ms / 1'000);
  }
  return static_cast<std::uint64_t>(std::llround(ms * 1'000)) * (kNsOfMs / 1'000);
}

Result<double> Reader::read_share() {
  const auto number = read_number();
  if (!number) return base::pass_on(number);
  skip_spaces();
  if (at_ >= text_.size() || text_[at_] != '%') return fail_at(number->at, "\"%\" is missing");
  ++at_;
  if (number->value < 0.1 || number->value > 99) return fail_at(number->at, "use 0.1% to 99%");
  return number->value / 100;
}

Result<void> Reader::read_end() {
  if (is_at_end()) return {};
  return fail_at(at_, "nothing may follow here");
}

Result<CaptureRule> Reader::read_limits(Kind kind) {
  CaptureRule rule;
  rule.kind = kind;
  if (const auto sign = read_sign(); !sign) return base::pass_on(sign);
  if (kind != Kind::kGcPauseShare) {
    const auto limit = read_duration(1, kMaxMs);
    if (!limit) return base::pass_on(limit);
    rule.limit_ns = *limit;
    return rule;
  }
  const auto share = read_share();
  if (!share) return base::pass_on(share);
  rule.share = *share;
  skip_spaces();
  const std::size_t begin = at_;
  if (take_word() != "for") return fail_at(begin, "\"for\" and a time are missing, as in for 10s");
  const auto window = read_duration(kMinWindowMs, kMaxWindowMs);
  if (!window) return base::pass_on(window);
  rule.window_ns = *window;
  return rule;
}

std::string text_of_ns(std::uint64_t duration_ns) {
  return fmt::format("{:g}ms", static_cast<double>(duration_ns) / 1e6);
}

std::string text_of(const CaptureRule& rule) {
  switch (rule.kind) {
    case Kind::kGcPause:
      return "gc_pause > " + text_of_ns(rule.limit_ns);
    case Kind::kLoopStall:
      return "loop_stall > " + text_of_ns(rule.limit_ns);
    case Kind::kGcPauseShare:
      return fmt::format("gc_pause_share > {:g}% for {:g}s", rule.share * 100,
                         static_cast<double>(rule.window_ns) / 1e9);
    case Kind::kTargetDown:
      return "target_down";
  }
  return "";
}

Result<CaptureRule> Reader::read() {
  const auto kind = read_subject();
  if (!kind) return base::pass_on(kind);
  CaptureRule rule;
  rule.kind = *kind;
  if (*kind != Kind::kTargetDown) {
    auto limits = read_limits(*kind);
    if (!limits) return limits;
    rule = *limits;
  }
  if (const auto end = read_end(); !end) return base::pass_on(end);
  rule.text = text_of(rule);
  return rule;
}

}  // namespace

Result<CaptureRule> parse_capture_rule(std::string_view text) {
  if (text.size() > kMaxRuleBytes) {
    return fail("rule of {} bytes: a rule has at most {}", text.size(), kMaxRuleBytes);
  }
  return Reader(text).read();
}

Result<std::vector<CaptureRule>> parse_capture_rules(const std::vector<std::string>& texts) {
  if (texts.size() > kMaxRules) {
    return fail("{} rules for captures: at most {} are possible", texts.size(), kMaxRules);
  }
  std::vector<CaptureRule> rules;
  for (const std::string& text : texts) {
    auto rule = parse_capture_rule(text);
    if (!rule) return base::pass_on(rule);
    const bool is_there = std::any_of(rules.begin(), rules.end(),
                                      [&](const auto& one) { return one.text == rule->text; });
    if (is_there) return fail("rule \"{}\": stands there twice", rule->text);
    rules.push_back(std::move(*rule));
  }
  return rules;
}

}  // namespace timeline
