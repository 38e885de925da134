// SPDX-License-Identifier: BSD-2-Clause
#include "support/samples.h"

#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace test {
namespace {

bool has_labels(const Labels& all, const Labels& wanted) {
  for (const auto& [name, value] : wanted) {
    auto found = all.find(name);
    if (found == all.end() || found->second != value) return false;
  }
  return true;
}

// {"metrics":[{"name":...,"labels":{...},"value":...},...]}, read as events because only those
// still have a number's own digits.
class TruthReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TruthReader(Samples& samples) : samples_(samples) {}

  bool key(string_t& name) override {
    key_ = name;
    return true;
  }
  bool string(string_t& text) override {
    if (depth_ == kSample && key_ == "name") series_.name = text;
    if (depth_ == kLabels) series_.labels[key_] = text;
    return true;
  }
  bool number_integer(number_integer_t number) override {
    return number_text(std::to_string(number));
  }
  bool number_unsigned(number_unsigned_t number) override {
    return number_text(std::to_string(number));
  }
  bool number_float(number_float_t, const string_t& text) override { return number_text(text); }
  bool start_object(std::size_t) override {
    if (++depth_ == kSample) series_ = {};
    return true;
  }
  bool end_object() override {
    if (depth_-- == kSample) add_sample(samples_, series_, text_);
    return true;
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    samples_.problems.push_back(std::string("truth: ") + e.what());
    return false;
  }

 private:
  static constexpr int kSample = 2;  // depth of nested objects
  static constexpr int kLabels = 3;

  bool number_text(const std::string& text) {
    if (depth_ == kSample && key_ == "value") text_ = text;
    return true;
  }

  Samples& samples_;
  Series series_;
  std::string key_;
  std::string text_;
  int depth_ = 0;
};

}  // namespace

std::string to_string(const Series& series) {
  std::string text = series.name + "{";
  for (const auto& [name, value] : series.labels) text += name + "=\"" + value + "\",";
  return text + "}";
}

std::string normalised_bound(const std::string& bound) {
  if (bound == "+Inf") return bound;
  char* end = nullptr;
  double number = std::strtod(bound.c_str(), &end);
  if (bound.empty() || *end != '\0') return bound;
  char text[400];  // the smallest number has 324 digits behind the point
  auto written = std::to_chars(text, text + sizeof(text), number, std::chars_format::fixed);
  return std::string(text, written.ptr);
}

void add_sample(Samples& samples, Series series, std::string text) {
  if (auto le = series.labels.find("le"); le != series.labels.end())
    le->second = normalised_bound(le->second);
  double number = std::strtod(text.c_str(), nullptr);
  auto [place, added] = samples.values.try_emplace(series, Value{std::move(text), number});
  if (!added) samples.problems.push_back("duplicate series " + to_string(place->first));
}

const Value* Samples::find(const std::string& name, const Labels& labels) const& {
  auto found = values.find(Series{name, labels});
  return found != values.end() ? &found->second : nullptr;
}

double Samples::number(const std::string& name, const Labels& labels) const {
  const Value* value = find(name, labels);
  if (value == nullptr) throw std::out_of_range("no series " + to_string({name, labels}));
  return value->number;
}

std::uint64_t Samples::integer(const std::string& name, const Labels& labels) const {
  const Value* value = find(name, labels);
  if (value == nullptr) throw std::out_of_range("no series " + to_string({name, labels}));
  std::uint64_t number = 0;
  const char* end = value->text.data() + value->text.size();
  auto parsed = std::from_chars(value->text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end)
    throw std::out_of_range("not an integer: " + to_string({name, labels}) + " " + value->text);
  return number;
}

std::vector<Series> Samples::series(const std::string& name, const Labels& labels) const {
  std::vector<Series> found;
  for (auto at = values.lower_bound(Series{name, {}}); at != values.end() && at->first.name == name;
       ++at) {
    if (has_labels(at->first.labels, labels)) found.push_back(at->first);
  }
  return found;
}

double Samples::sum(const std::string& name, const Labels& labels) const {
  double total = 0;
  for (const auto& found : series(name, labels)) total += values.at(found).number;
  return total;
}

Samples parse_truth(std::string_view json) {
  Samples samples;
  TruthReader reader(samples);
  nlohmann::json::sax_parse(json, &reader);
  return samples;
}

}  // namespace test
