#include "http/negotiation.h"

#include <cstddef>
#include <optional>

#include "http/accept_list.h"

namespace http {
namespace {

// How gladly a client takes a format.
struct Wish {
  double quality = 0;
  int precision = 0;         // of "*/*", "text/*" and "text/plain" the last one counts
  std::size_t position = 0;  // in the list
  MetricsFormat format = MetricsFormat::kText;
};

// None: the element is about something else, or about a version that isn't written here.
std::optional<Wish> wish_of(const Acceptable& element, std::size_t position) {
  const double quality = element.quality;
  const auto version = parameter_of(element, "version");
  if (same_name(element.name, "application/openmetrics-text")) {
    if (version == "1.0.0") return Wish{quality, 3, position, MetricsFormat::kOpenMetrics};
    if (!version.empty() && version != "0.0.1") return std::nullopt;
    return Wish{quality, 3, position, MetricsFormat::kOpenMetricsDraft};
  }
  if (same_name(element.name, "text/plain")) {
    if (!version.empty() && version != "0.0.4") return std::nullopt;
    return Wish{quality, 3, position, MetricsFormat::kText};
  }
  if (same_name(element.name, "text/*")) return Wish{quality, 2, position, MetricsFormat::kText};
  if (element.name == "*/*") return Wish{quality, 1, position, MetricsFormat::kText};
  return std::nullopt;
}

void keep_better(Wish& kept, const Wish& wish) {
  const bool better = wish.precision > kept.precision ||
                      (wish.precision == kept.precision && wish.quality > kept.quality);
  if (better) kept = wish;
}

}  // namespace

MetricsFormat negotiate_format(std::string_view accept) {
  Wish text;
  Wish openmetrics;
  std::size_t position = 0;
  for (const Acceptable& element : parse_accept_list(accept)) {
    const auto wish = wish_of(element, position++);
    if (wish) keep_better(wish->format == MetricsFormat::kText ? text : openmetrics, *wish);
  }
  if (openmetrics.quality == 0 || openmetrics.quality < text.quality) return MetricsFormat::kText;
  const bool text_came_first = openmetrics.quality == text.quality &&
                               openmetrics.precision == text.precision &&
                               text.position < openmetrics.position;
  return text_came_first ? MetricsFormat::kText : openmetrics.format;
}

bool accepts_gzip(std::string_view accept_encoding) {
  double gzip = -1;  // not named
  double identity = -1;
  double others = 0;
  for (const Acceptable& element : parse_accept_list(accept_encoding)) {
    if (same_name(element.name, "gzip") || same_name(element.name, "x-gzip")) {
      gzip = element.quality;
    } else if (same_name(element.name, "identity")) {
      identity = element.quality;
    } else if (element.name == "*") {
      others = element.quality;
    }
  }
  if (gzip < 0) gzip = others;
  return gzip > 0 && gzip >= identity;
}

}  // namespace http
