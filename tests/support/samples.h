// SPDX-License-Identifier: BSD-2-Clause
#ifndef VALKYRIA_TESTS_SUPPORT_SAMPLES_H
#define VALKYRIA_TESTS_SUPPORT_SAMPLES_H

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace test {

using Labels = std::map<std::string, std::string>;

struct Series {
  std::string name;
  Labels labels;  // `le` in one spelling, whoever wrote it

  auto operator<=>(const Series&) const = default;
};

// As written, so that no digit is lost, and as a number.
struct Value {
  std::string text;
  double number = 0;
};

// Numbers under the names and labels of the catalogue, from the exporter or from minivalk's truth.
struct Samples {
  std::map<Series, Value> values;
  std::map<std::string, std::string> types;  // by family
  std::map<std::string, std::string> helps;
  std::vector<std::string> problems;  // malformed lines, duplicates: one text each

  const Value* find(const std::string& name, const Labels& labels = {}) const&;
  const Value* find(const std::string& name, const Labels& labels = {}) const&& = delete;

  // Throw std::out_of_range, with the series in the text, if there is no such series.
  double number(const std::string& name, const Labels& labels = {}) const;
  std::uint64_t integer(const std::string& name, const Labels& labels = {}) const;

  // Of all series of this name that have these labels and maybe more.
  double sum(const std::string& name, const Labels& labels = {}) const;
  std::vector<Series> series(const std::string& name, const Labels& labels = {}) const;
};

std::string to_string(const Series& series);

// The one spelling of an `le`: the shortest decimal of its value, or "+Inf".
std::string normalised_bound(const std::string& bound);

// Adds one sample; a duplicate is a problem.
void add_sample(Samples& samples, Series series, std::string text);

// minivalk's answer to `truth`.
Samples parse_truth(std::string_view json);

// Prometheus text exposition 0.0.4, strictly: what is not in the format is a problem.
Samples parse_prometheus(std::string_view text);

}  // namespace test

#endif  // VALKYRIA_TESTS_SUPPORT_SAMPLES_H
