// What the lines of both text formats have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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

// Appends the lines of a family to `out`, one series after the other. What its lines have in common
// is written once and copied. `out`, `name` and the values outlive it.
class FamilyWriter {
 public:
  FamilyWriter(std::string& out, std::string_view name, const HistogramFormat& format);

  // The lines that follow have these labels.
  void begin_series(const Labels& labels);
  // A line: the name with `suffix`, the labels and the number.
  void write(std::string_view suffix, const Number& number);
  // A number with `suffix`; of a histogram the cumulative buckets by rising `le`, the last "+Inf",
  // then sum and count.
  void write_value(std::string_view suffix, const Value& value);

 private:
  // Sets bounds_. Those in nanoseconds stay as they are where they are the same as before.
  void set_bounds(std::span<const std::uint64_t> bounds_ns);
  void set_bounds(const std::vector<double>& bounds_seconds);
  // `append_exemplar` appends what stands behind the bucket of an index.
  template <typename AppendExemplar>
  void write_histogram(const std::vector<std::uint64_t>& counts, std::uint64_t sum_ns,
                       AppendExemplar append_exemplar);

  std::string& out_;
  const std::string_view name_;
  const HistogramFormat format_;
  std::string labels_;                        // what stands between the braces
  std::string bucket_;                        // how a bucket's line begins: up to its bound
  std::vector<std::string> bounds_;           // as they are written, but the last, which is "+Inf"
  std::span<const std::uint64_t> bounds_ns_;  // that bounds_ was made from
};

}  // namespace expose
