// Accept and Accept-Encoding: whatever a client sends.
#include "http/accept_list.h"

#include <algorithm>

#include "fuzz/bytes.h"
#include "fuzz/require.h"
#include "http/negotiation.h"

namespace {

constexpr std::size_t kMaxElements = 100;

void check_elements(std::string_view field) {
  const auto elements = http::parse_accept_list(field);
  fuzz::require(elements.size() <= kMaxElements, "no more than 100 elements are read");
  for (const http::Acceptable& element : elements) {
    fuzz::require(!element.name.empty(), "an element has a name");
    fuzz::require(fuzz::lies_in(element.name, field), "a name is a part of the field");
    fuzz::require(fuzz::lies_in(element.parameters, field), "parameters are a part of the field");
    fuzz::require(element.quality >= 0 && element.quality <= 1, "a quality is from 0 to 1");
    const auto value = http::parameter_of(element, "version");
    fuzz::require(fuzz::lies_in(value, element.parameters), "a value is a part of the parameters");
    fuzz::require(http::same_name(element.name, element.name), "a name is the same as itself");
  }
}

// A list of what is read of a list gives the same, as long as its commas are not quoted ones.
std::string again(const std::vector<http::Acceptable>& elements) {
  std::string list;
  for (const http::Acceptable& element : elements) {
    list.append(element.name).append(";").append(element.parameters).append(", ");
  }
  return list;
}

void check_round_trip(std::string_view field) {
  const auto elements = http::parse_accept_list(field);
  const std::string list = again(elements);
  const auto read_again = http::parse_accept_list(list);
  if (field.find('"') != std::string_view::npos) return;
  fuzz::require(read_again.size() == elements.size(), "a list written again has as many elements");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    fuzz::require(read_again[i].name == elements[i].name, "a name stays");
    fuzz::require(read_again[i].quality == elements[i].quality, "a quality stays");
  }
  fuzz::require(http::negotiate_format(list) == http::negotiate_format(field),
                "a list written again gets the same format");
  fuzz::require(http::accepts_gzip(list) == http::accepts_gzip(field),
                "a list written again gets the same encoding");
}

void check_format(std::string_view field) {
  const auto elements = http::parse_accept_list(field);
  const bool names_it =
      std::any_of(elements.begin(), elements.end(), [](const http::Acceptable& element) {
        return http::same_name(element.name, "application/openmetrics-text");
      });
  fuzz::require(names_it || http::negotiate_format(field) == http::MetricsFormat::kText,
                "OpenMetrics is for who names it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view field = fuzz::text_of(data, size);
  check_elements(field);
  check_round_trip(field);
  check_format(field);
  return 0;
}
