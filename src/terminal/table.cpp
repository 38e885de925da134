#include "terminal/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace terminal {
namespace {

constexpr std::size_t kLeastLines = 3;  // titles, a row, and how many more there are
constexpr std::size_t kWidestName = 48;

std::size_t first_width(const Table& table, std::size_t columns) {
  std::size_t taken = table.columns.size() - 1;  // a blank between two
  for (std::size_t i = 1; i < table.columns.size(); ++i) taken += table.columns[i].cells;
  const std::size_t left = columns - std::min(columns, taken);
  return std::max(table.columns.front().cells, std::min(left, kWidestName));
}

Line write_row(const Table& table, std::size_t first, const std::vector<Span>& row) {
  Line line;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    line.push_back({fit(row[i].text, i == 0 ? first : column.cells, column.side), row[i].tone});
    if (i + 1 < table.columns.size())
      line.push_back({" ", row[i].tone == Tone::kChosen ? Tone::kChosen : Tone::kPlain});
  }
  return line;
}

}  // namespace

std::size_t height(const Table& table) {
  return 1 + std::max<std::size_t>(table.rows.size(), 1);
}

Lines write_table(const Table& table, std::size_t lines, std::size_t columns) {
  Lines written;
  if (lines == 0) return written;
  const std::size_t first = first_width(table, columns);
  std::vector<Span> titles;
  for (const Column& column : table.columns) titles.push_back({column.title, Tone::kTitle});
  written.push_back(write_row(table, first, titles));
  if (table.rows.empty() && lines > 1) written.push_back({{"  " + table.none, Tone::kDim}});
  const bool fits = table.rows.size() < lines;
  const std::size_t shown = fits ? table.rows.size() : std::max<std::size_t>(lines, 2) - 2;
  for (std::size_t i = 0; i < shown; ++i) {
    written.push_back(write_row(table, first, table.rows[i]));
  }
  if (!fits && lines > 1) {
    written.push_back({{fmt::format("  and {} more", table.rows.size() - shown), Tone::kDim}});
  }
  return written;
}

std::vector<std::size_t> share_lines(const std::vector<std::size_t>& wanted, std::size_t lines) {
  std::vector<std::size_t> given(wanted.size(), 0);
  const auto give = [&](std::size_t to, std::size_t count) {
    count = std::min({count, wanted[to] - given[to], lines});
    given[to] += count;
    lines -= count;
    return count > 0;
  };
  for (std::size_t i = 0; i < wanted.size(); ++i) give(i, kLeastLines);
  for (bool any = true; any && lines > 0;) {
    any = false;
    for (std::size_t i = 0; i < wanted.size(); ++i) any = give(i, 1) || any;
  }
  return given;
}

}  // namespace terminal
