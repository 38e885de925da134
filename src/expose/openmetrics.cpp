#include "expose/openmetrics.h"

#include <string_view>

#include "expose/line.h"
#include "expose/number.h"

namespace expose {
namespace {

constexpr std::string_view kTotal = "_total";
constexpr std::string_view kInfo = "_info";

// What OpenMetrics makes of a family: a name, and what its plain samples have behind it.
struct Form {
  std::string_view type;
  std::string_view name;
  std::string_view suffix;
};

Form with_suffix(std::string_view type, std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return {type, name, suffix};
  return {type, name.substr(0, name.size() - suffix.size()), suffix};
}

Form form_of(const Family& family) {
  switch (family.type) {
    case FamilyType::kCounter:
      return with_suffix("counter", family.name, kTotal);
    case FamilyType::kGauge:
      if (family.name.ends_with(kInfo)) return with_suffix("info", family.name, kInfo);
      return {"gauge", family.name, ""};
    case FamilyType::kHistogram:
      return {"histogram", family.name, ""};
    case FamilyType::kUntyped:
      return {"unknown", family.name, ""};
  }
  return {"unknown", family.name, ""};
}

// The unit must be what the name ends in.
std::string_view unit_of(std::string_view name) {
  for (const std::string_view unit : {"seconds", "bytes", "ratio"}) {
    if (name.ends_with(unit) && name.substr(0, name.size() - unit.size()).ends_with('_')) {
      return unit;
    }
  }
  return {};
}

void append_head(std::string& out, const Form& form, std::string_view help) {
  const auto begin_line = [&](std::string_view what) {
    out += what;
    out += form.name;
    out += ' ';
  };
  begin_line("# TYPE ");
  out += form.type;
  out += '\n';
  if (const auto unit = unit_of(form.name); !unit.empty()) {
    begin_line("# UNIT ");
    out += unit;
    out += '\n';
  }
  begin_line("# HELP ");
  append_escaped(out, help, Quotes::kEscaped);
  out += '\n';
}

}  // namespace

std::string write_openmetrics(const std::vector<Family>& families) {
  std::string out;
  out.reserve(expected_bytes(families));
  for (const Family& family : families) {
    const Form form = form_of(family);
    append_head(out, form, family.help);
    for (const Series& series : family.series) {
      SeriesWriter writer(out, form.name, series.labels);
      if (const auto* const histogram = std::get_if<model::Histogram>(&series.value)) {
        writer.write_histogram(*histogram, append_canonical_seconds);
      } else {
        writer.write(form.suffix, std::get<Number>(series.value));
      }
      if (series.created_unix_ns) writer.write("_created", Seconds{*series.created_unix_ns});
    }
  }
  out += "# EOF\n";
  return out;
}

}  // namespace expose
