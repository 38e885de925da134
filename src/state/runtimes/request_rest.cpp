#include "state/runtimes/request_rest.h"

#include <algorithm>
#include <span>

#include "state/runtimes/number_table.h"

namespace state {

using base::Result;
using model::Count;

namespace {

constexpr std::size_t kClasses = 3;  // 2xx, 4xx, 5xx
constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

}  // namespace

void RequestRest::add(RequestPart part, std::size_t index, Count value) {
  series_.push_back({part, index, value});
}

// A server may have series from several event loops: then as many of each.
Count RequestRest::rest_of(const std::vector<Series>& series) {
  const auto parts = [&](RequestPart part) {
    return static_cast<std::size_t>(std::count_if(
        series.begin(), series.end(), [&](const Series& one) { return one.part == part; }));
  };
  const std::size_t loops = parts(RequestPart::kAll);
  if (loops == 0 || parts(RequestPart::kShed) != loops ||
      parts(RequestPart::kClass) != kClasses * loops) {
    return std::nullopt;
  }
  Count in_total = 0;
  Count in_classes = 0;
  for (const Series& one : series) {
    Count& to = one.part == RequestPart::kClass ? in_classes : in_total;
    to = sum(to, one.value);
  }
  if (!in_total || !in_classes) return std::nullopt;
  return *in_total - std::min(*in_total, *in_classes);
}

Count RequestRest::first_look() const {
  return rest_of(series_);
}

// Shed ones first, classes last: what ends meanwhile is in a class, and not in the sum.
Result<Count> RequestRest::second_look(memory::Memory& memory, const FieldReader& fields,
                                       FieldHandle counter) const {
  const bool is_word = counter && fields.layout().fields[*counter].size_bytes == kWordBytes;
  if (!is_word) return Count();
  std::vector<Series> series = series_;
  std::stable_sort(series.begin(), series.end(),
                   [](const Series& a, const Series& b) { return a.part < b.part; });
  std::vector<std::uint64_t> values(series.size());
  std::vector<memory::Piece> pieces;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto address = fields.address(counter, {series[i].index});
    if (!address) return Count();
    pieces.push_back({*address, std::as_writable_bytes(std::span(values).subspan(i, 1))});
  }
  if (auto done = memory.read(pieces); !done) return base::pass_on(done);
  for (std::size_t i = 0; i < series.size(); ++i) {
    const bool is_known = pieces[i].complete && values[i] <= kMaxBelieved;
    series[i].value = is_known ? Count(values[i]) : std::nullopt;
  }
  return rest_of(series);
}

}  // namespace state
