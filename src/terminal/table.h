// Rows below titles, and how several tables share the lines of a page.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "terminal/cells.h"
#include "terminal/line.h"

namespace terminal {

struct Column {
  std::string title;
  std::size_t cells;  // of the first column: at least
  Side side = Side::kRight;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Span>> rows;  // a cell a column
  std::string none;                     // what is said where there is no row
};

// Lines that the whole table takes, with its titles.
std::size_t height(const Table& table);

// The table in at most `lines` lines; what does not fit is "and N more". The first column takes
// what is left of `columns` cells.
Lines write_table(const Table& table, std::size_t lines, std::size_t columns);

// How many lines each part gets that wants `wanted`: all where there are enough, else by turns,
// each at least 3 or what it wants, as long as there are any.
std::vector<std::size_t> share_lines(const std::vector<std::size_t>& wanted, std::size_t lines);

}  // namespace terminal
