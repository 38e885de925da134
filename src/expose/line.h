// What the lines of both text formats have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expose/family.h"

namespace expose {

// Backslash and line feed are escaped wherever text stands, quotes where the format says so.
enum class Quotes { kEscaped, kAsTheyAre };
void append_escaped(std::string& out, std::string_view text, Quotes quotes);

// A little more than what writing the families takes. A text that grows by itself is copied, and
// touched for the first time, twice over: that was half of the time of writing it.
std::size_t expected_bytes(const std::vector<Family>& families);
// Of one series, of a family of this name.
std::size_t expected_bytes(std::string_view name, const Series& series);

// How a format writes histograms: the bounds of ours and of applications', and whether it has
// exemplars.
struct HistogramFormat {
  void (*append_ns)(std::string& out, std::uint64_t bound_ns);
  void (*append_seconds)(std::string& out, double bound_seconds);
  bool has_exemplars = false;
};

// Appends the lines of one series to `out`. The labels are escaped once, however many lines there
// are. `out` and `name` outlive it.
class SeriesWriter {
 public:
  SeriesWriter(std::string& out, std::string_view name, const Labels& labels);

  // A line: the name with `suffix`, the labels and the number.
  void write(std::string_view suffix, const Number& number);
  // A number with `suffix`; of a histogram the cumulative buckets by rising `le`, the last "+Inf",
  // then sum and count.
  void write_value(std::string_view suffix, const Value& value, const HistogramFormat& format);

 private:
  // `append_bound` appends the bound of an index, `append_exemplar` what stands behind its bucket.
  template <typename AppendBound, typename AppendExemplar>
  void write_histogram(const std::vector<std::uint64_t>& counts, std::uint64_t sum_ns,
                       AppendBound append_bound, AppendExemplar append_exemplar);

  std::string& out_;
  std::string_view name_;
  std::string labels_;  // what stands between the braces
};

}  // namespace expose
