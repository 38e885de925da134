#include "terminal/page.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "terminal/cells.h"
#include "terminal/health.h"
#include "terminal/table.h"
#include "terminal/target_page.h"
#include "terminal/tones.h"
#include "terminal/units.h"
#include "terminal/view.h"

namespace terminal {
namespace {

// From that age on the numbers are grey.
constexpr double kStaleSeconds = 3;
constexpr std::size_t kOncePauses = 10;  // where there is no limit of rows

Line title_line(const PageInput& input, std::size_t columns) {
  const std::string time = date_and_time(input.unix_seconds) + " UTC";
  const std::size_t left = columns - std::min(columns, width(time) + 1);
  return {{fit("valkyria top  " + input.source, left), Tone::kTitle}, {" " + time, Tone::kDim}};
}

// What failed on two lines, since a message is longer than one.
Lines trouble_lines(const PageInput& input, std::size_t columns) {
  const std::string message = "NO ANSWER  " + input.trouble;
  std::string age_text = input.now ? "numbers are " + age(input.age_seconds) + " old; " : "";
  return {{{cut(message, columns), Tone::kCritical}},
          {{fit("", 11)}, {age_text + "trying again each second", Tone::kWarning}}};
}

Table summary_table(const PageInput& input) {
  Table table{{{"PROCESS", 12, Side::kLeft},
               {"PID", 8},
               {"STATE", 8, Side::kLeft},
               {"REQ/S", 7},
               {"5XX/S", 6},
               {"P99", 8},
               {"LIVE", 9},
               {"GC TIME", 8}},
              {},
              "no process is watched"};
  const std::size_t marked = input.choice.place(*input.now);
  for (const Target& target : input.now->targets) {
    const TargetView view = view_of(target, *input.now, input.before);
    const State state =
        verdict_of(view, recent(input.pauses, target.process, input.unix_seconds)).state;
    std::vector<Span> row{{target.process},
                          {target.pid.empty() ? kUnknown : target.pid},
                          {target.up ? word_of(state) : "ENDED", tone_of(state)},
                          {per_second(view.requests)},
                          {per_second(view.errors_5xx)},
                          {latency(view.latency.p99)},
                          {bytes(target.live_bytes)},
                          {percent(view.pause_share)}};
    if (!input.is_once && table.rows.size() == marked) {
      for (Span& span : row) span.tone = Tone::kChosen;
      row.front().text = "> " + target.process;  // not by its colour alone
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// The rows around the marked one, where not all have room.
void scroll(Table& table, std::size_t marked, std::size_t lines) {
  if (lines == 0 || table.rows.size() < lines || lines < 3) return;
  const std::size_t shown = lines - 2;
  if (marked < shown) return;
  const auto first = static_cast<std::ptrdiff_t>(marked + 1 - shown);
  table.rows.erase(table.rows.begin(), table.rows.begin() + first);
}

Lines write_summary(const PageInput& input, std::size_t columns, std::size_t rows) {
  Table table = summary_table(input);
  if (!input.is_once) scroll(table, input.choice.place(*input.now), rows);
  return write_table(table, rows == 0 ? height(table) : rows, columns);
}

std::deque<Pause> newest(const std::deque<Pause>& pauses, const std::string& process,
                         std::size_t count) {
  std::deque<Pause> result;
  for (auto pause = pauses.rbegin(); pause != pauses.rend() && result.size() < count; ++pause) {
    if (pause->process == process) result.push_front(*pause);
  }
  return result;
}

Lines write_body(const PageInput& input, std::size_t columns, std::size_t rows) {
  if (!input.now) return {{{"waiting for the first sample", Tone::kDim}}};
  if (const Target* const target = input.choice.shown(*input.now)) {
    const std::size_t pauses = rows == 0 ? kOncePauses : rows;
    return write_target(view_of(*target, *input.now, input.before),
                        newest(input.pauses, target->process, pauses), input.no_pauses,
                        input.unix_seconds, columns, rows);
  }
  if (input.choice.opened) {
    return {{{fmt::format("no process \"{}\" is watched", safe(*input.choice.opened)),
              Tone::kWarning}}};
  }
  return write_summary(input, columns, rows);
}

Line foot_line(const PageInput& input) {
  const bool has_two = input.now && input.before;
  const double seconds =
      has_two ? std::chrono::duration<double>(input.now->taken - input.before->taken).count() : 0;
  std::string text = has_two ? fmt::format("rates over {:.1f} s between two samples", seconds)
                             : std::string("no rates before the second sample");
  if (!input.is_once) {
    const bool has_several = input.now && input.now->targets.size() > 1 && !input.choice.is_fixed;
    text = std::string("q quit   ") +
           (has_several ? "up, down, Enter: choose a process   Backspace: all   " : "") + text;
  }
  if (input.now && input.now->lost_events.value_or(0) > 0) {
    text += "   lost events " + count(input.now->lost_events);
  }
  return {{text, Tone::kDim}};
}

void make_grey(Lines& lines) {
  for (Line& line : lines) {
    for (Span& span : line) span.tone = Tone::kDim;
  }
}

}  // namespace

Lines write_page(const PageInput& input, const Size& size) {
  Lines lines{title_line(input, size.columns)};
  if (!input.trouble.empty()) {
    Lines trouble = trouble_lines(input, size.columns);
    std::move(trouble.begin(), trouble.end(), std::back_inserter(lines));
  }
  const std::size_t taken = lines.size() + 1;  // with the foot
  // 0 is "no limit": a page that has no room at all is cut below.
  const std::size_t left = size.rows > taken ? size.rows - taken : 1;
  Lines body = write_body(input, size.columns, size.rows == 0 ? 0 : left);
  if (!input.trouble.empty() && input.age_seconds >= kStaleSeconds) make_grey(body);
  if (size.rows != 0 && body.size() > left) body.resize(left);
  std::move(body.begin(), body.end(), std::back_inserter(lines));
  if (size.rows != 0)
    lines.resize(std::max(lines.size(), size.rows - std::min<std::size_t>(size.rows, 1)));
  lines.push_back(foot_line(input));
  if (size.rows != 0 && lines.size() > size.rows) lines.resize(size.rows);
  return lines;
}

}  // namespace terminal
