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
  } else if (const auto* const signed_count = std::get_if<std::int64_t>(&number)) {
    append_signed(out, *signed_count);
  } else {
    append_ratio(out, std::get<double>(number));
  }
}

// The last one of a bucket that has counted something.
const model::Exemplar* exemplar_of(const model::Histogram& histogram, std::size_t index) {
  if (histogram.counts[index] == 0) return nullptr;
  const std::uint64_t above_ns = index == 0 ? 0 : histogram.bounds_ns[index - 1];
  const bool has_bound = index < histogram.bounds_ns.size();
  const auto is_here = [&](const model::Exemplar& exemplar) {
    return (index == 0 || exemplar.value_ns > above_ns) &&
           (!has_bound || exemplar.value_ns <= histogram.bounds_ns[index]);
  };
  const auto found =
      std::find_if(histogram.exemplars.rbegin(), histogram.exemplars.rend(), is_here);
  return found == histogram.exemplars.rend() ? nullptr : &*found;
}

// As OpenMetrics 1.0 has it: labels, value, time. Our events' names need no escape.
void append(std::string& out, const model::Exemplar& exemplar) {
  out += " # {event=\"";
  out += exemplar.event;
  out += "\"} ";
  append_seconds(out, exemplar.value_ns);
  out += ' ';
  append_seconds(out, exemplar.unix_ns);
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

std::size_t expected_bytes(std::string_view name, const Series& series) {
  constexpr std::size_t kLineBytes = 48;  // suffix, bound and value
  constexpr std::size_t kLabelBytes = 4;  // ="",
  std::size_t line_bytes = name.size() + kLineBytes;
  for (const auto& [label, value] : series.labels) {
    line_bytes += label.size() + value.size() + kLabelBytes;
  }
  std::size_t lines = 2;  // with "_created"
  if (const auto* const histogram = std::get_if<model::Histogram>(&series.value)) {
    lines = histogram->counts.size() + 3;
  } else if (const auto* const own = std::get_if<model::RegisteredHistogram>(&series.value)) {
    lines = own->counts.size() + 3;
  }
  return line_bytes * lines;
}

std::size_t expected_bytes(const std::vector<Family>& families) {
  constexpr std::size_t kHeadBytes = 64;  // "# HELP", "# TYPE", "# UNIT"
  std::size_t bytes = 0;
  for (const Family& family : families) {
    bytes += kHeadBytes + 3 * family.name.size() + family.help.size();
    for (const Series& series : family.series) bytes += expected_bytes(family.name, series);
  }
  return bytes;
}

FamilyWriter::FamilyWriter(std::string& out, std::string_view name, const HistogramFormat& format)
    : out_(out), name_(name), format_(format) {}

void FamilyWriter::begin_series(const Labels& labels) {
  labels_.clear();
  for (const auto& [label, value] : labels) {
    if (!labels_.empty()) labels_ += ',';
    labels_ += label;
    labels_ += "=\"";
    append_escaped(labels_, value, Quotes::kEscaped);
    labels_ += '"';
  }
}

void FamilyWriter::write(std::string_view suffix, const Number& number) {
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

void FamilyWriter::set_bounds(std::span<const std::uint64_t> bounds_ns) {
  const bool are_same =
      bounds_ns.data() == bounds_ns_.data() && bounds_ns.size() == bounds_ns_.size();
  if (are_same) return;
  bounds_ns_ = bounds_ns;
  bounds_.assign(bounds_ns.size(), {});
  for (std::size_t i = 0; i < bounds_ns.size(); ++i) format_.append_ns(bounds_[i], bounds_ns[i]);
}

void FamilyWriter::set_bounds(const std::vector<double>& bounds_seconds) {
  bounds_ns_ = {};
  bounds_.assign(bounds_seconds.size(), {});
  for (std::size_t i = 0; i < bounds_seconds.size(); ++i) {
    format_.append_seconds(bounds_[i], bounds_seconds[i]);
  }
}

template <typename AppendExemplar>
void FamilyWriter::write_histogram(const std::vector<std::uint64_t>& counts, std::uint64_t sum_ns,
                                   AppendExemplar append_exemplar) {
  assert(counts.size() == bounds_.size() + 1);
  bucket_ = name_;
  bucket_ += "_bucket{";
  bucket_ += labels_;
  bucket_ += labels_.empty() ? "le=\"" : ",le=\"";
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    cumulative += counts[i];
    out_ += bucket_;
    out_ += i < bounds_.size() ? std::string_view(bounds_[i]) : "+Inf";
    out_ += "\"} ";
    append_count(out_, cumulative);
    append_exemplar(i);
    out_ += '\n';
  }
  write("_sum", Seconds{sum_ns});
  write("_count", cumulative);
}

void FamilyWriter::write_value(std::string_view suffix, const Value& value) {
  if (const auto* const histogram = std::get_if<model::Histogram>(&value)) {
    set_bounds(histogram->bounds_ns);
    write_histogram(histogram->counts, histogram->sum_ns, [&](std::size_t index) {
      if (!format_.has_exemplars) return;
      if (const auto* const exemplar = exemplar_of(*histogram, index)) append(out_, *exemplar);
    });
  } else if (const auto* const own = std::get_if<model::RegisteredHistogram>(&value)) {
    set_bounds(own->bounds_seconds);
    write_histogram(own->counts, own->sum_ns, [](std::size_t) {});
  } else {
    write(suffix, std::get<Number>(value));
  }
}

}  // namespace expose
