#include "expose/line.h"

#include <algorithm>
#include <cassert>
#include "expose/number.h"

namespace expose {
namespace {

void append_number(std::string& out, const Number& number) {
  if (const auto* const count = std::get_if<std::uint64_t>(&number)) {
    append_count(out, *count);
  } else if (const auto* const seconds = std::get_if<Seconds>(&number)) {
    append_seconds(out, seconds->ns);
  } else {
    append_ratio(out, std::get<double>(number));
  }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text, Quotes quotes) {
  const auto is_special = [quotes](char c) {
    return c == '\\' || c == '\n' || (c == '"' && quotes == Quotes::kEscaped);
  };
  const char* from = text.data();
  const char* const end = from + text.size();
  while (true) {
    const char* const special = std::find_if(from, end, is_special);
    out.append(from, special);
    if (special == end) return;
    out += '\\';
    out += *special == '\n' ? 'n' : *special;
    from = special + 1;
  }
}

std::size_t expected_bytes(const std::vector<Family>& families) {
  constexpr std::size_t kHeadBytes = 64;  // "# HELP", "# TYPE", "# UNIT"
  constexpr std::size_t kLineBytes = 48;  // suffix, bound and value
  constexpr std::size_t kLabelBytes = 4;  // ="",
  std::size_t bytes = 0;
  for (const Family& family : families) {
    bytes += kHeadBytes + 3 * family.name.size() + family.help.size();
    for (const Series& series : family.series) {
      std::size_t line_bytes = family.name.size() + kLineBytes;
      for (const auto& [name, value] : series.labels) {
        line_bytes += name.size() + value.size() + kLabelBytes;
      }
      const auto* const histogram = std::get_if<model::Histogram>(&series.value);
      bytes += line_bytes * (histogram == nullptr ? 2 : histogram->counts.size() + 3);
    }
  }
  return bytes;
}

SeriesWriter::SeriesWriter(std::string& out, std::string_view name, const Labels& labels)
    : out_(out), name_(name) {
  for (const auto& [label, value] : labels) {
    if (!labels_.empty()) labels_ += ',';
    labels_ += label;
    labels_ += "=\"";
    append_escaped(labels_, value, Quotes::kEscaped);
    labels_ += '"';
  }
}

void SeriesWriter::write(std::string_view suffix, const Number& number) {
  out_ += name_;
  out_ += suffix;
  if (!labels_.empty()) {
    out_ += '{';
    out_ += labels_;
    out_ += '}';
  }
  out_ += ' ';
  append_number(out_, number);
  out_ += '\n';
}

void SeriesWriter::write_histogram(const model::Histogram& histogram, AppendBound append_bound) {
  assert(histogram.counts.size() == histogram.bounds_ns.size() + 1);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    cumulative += histogram.counts[i];
    out_ += name_;
    out_ += "_bucket{";
    out_ += labels_;
    out_ += labels_.empty() ? "le=\"" : ",le=\"";
    if (i < histogram.bounds_ns.size()) {
      append_bound(out_, histogram.bounds_ns[i]);
    } else {
      out_ += "+Inf";
    }
    out_ += "\"} ";
    append_count(out_, cumulative);
    out_ += '\n';
  }
  write("_sum", Seconds{histogram.sum_ns});
  write("_count", cumulative);
}

}  // namespace expose
