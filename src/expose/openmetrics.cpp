#include "expose/openmetrics.h"

#include <cassert>
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
  bool has_created = false;
};

// A name that is nothing but the suffix has none.
bool has_suffix(std::string_view name, std::string_view suffix) {
  return name.size() > suffix.size() && name.ends_with(suffix);
}

Form with_suffix(std::string_view type, std::string_view name, std::string_view suffix,
                 bool has_created) {
  assert(has_suffix(name, suffix));
  return {type, name.substr(0, name.size() - suffix.size()), suffix, has_created};
}

// A counter of an application's may be named otherwise. Then it is of no type here, since its name
// must not depend on the format.
Form form_of(std::string_view name, FamilyType type) {
  switch (type) {
    case FamilyType::kCounter:
      if (has_suffix(name, kTotal)) return with_suffix("counter", name, kTotal, true);
      return {"unknown", name, ""};
    case FamilyType::kGauge:
      return {"gauge", name, ""};
    case FamilyType::kInfo:
      return with_suffix("info", name, kInfo, false);
    case FamilyType::kHistogram:
      return {"histogram", name, "", true};
    case FamilyType::kUntyped:
      return {"unknown", name, ""};
  }
  return {"unknown", name, ""};
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
    const Form form = form_of(family.name, family.type);
    append_head(out, form, family.help);
    FamilyWriter writer(out, form.name, {append_canonical_seconds, append_canonical_bound, true});
    for (const Series& series : family.series) {
      writer.begin_series(series.labels);
      writer.write_value(form.suffix, series.value);
      if (series.created_unix_ns && form.has_created)
        writer.write("_created", Seconds{*series.created_unix_ns});
    }
  }
  out += "# EOF\n";
  return out;
}

std::vector<std::string> taken_names(std::string_view name, FamilyType type) {
  const Form form = form_of(name, type);
  std::vector<std::string> names{std::string(name)};
  if (form.name != name) names.emplace_back(form.name);
  const auto add = [&](std::string_view suffix) {
    names.push_back(std::string(form.name) += suffix);
  };
  if (type == FamilyType::kHistogram) {
    for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) add(suffix);
  }
  if (form.has_created) add("_created");
  return names;
}

}  // namespace expose
