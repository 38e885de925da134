#include "fuzz/exposition.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "expose/families.h"
#include "expose/json.h"
#include "expose/openmetrics.h"
#include "expose/text.h"
#include "fuzz/require.h"
#include "support/samples.h"

namespace fuzz {
namespace {

void require_utf8(const std::string& text) {
  require(base::valid_utf8(text) == text, "what is served is UTF-8");
}

void check_text(const std::vector<expose::Family>& families) {
  const std::string text = expose::write_text(families);
  require_utf8(text);
  const auto samples = test::parse_prometheus(text);
  if (samples.problems.empty()) return;
  require(false, "the text format is kept: " + samples.problems.front());
}

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  require(line.size() < rest.size(), "every line ends");
  rest.remove_prefix(line.size() + 1);
  return line;
}

std::string_view word_after(std::string_view line, std::size_t begin) {
  return line.substr(begin, line.find(' ', begin) - begin);
}

// Prometheus' own parser of OpenMetrics is stricter, and slow: tests of the ring unit run that.
void check_openmetrics(const std::vector<expose::Family>& families) {
  const std::string text = expose::write_openmetrics(families);
  require_utf8(text);
  std::set<std::string> names;
  std::set<std::string, std::less<>> series;
  std::string_view family;
  std::string_view rest = text;
  while (rest != "# EOF\n") {
    require(!rest.empty(), "OpenMetrics ends with EOF");
    const std::string_view line = take_line(rest);
    if (line.starts_with("# TYPE ")) {
      family = word_after(line, 7);
      require(names.emplace(family).second, "no two families have one name");
    } else if (line.starts_with("# ")) {
      require(word_after(line, 7) == family, "what is said of a family stands with it");
    } else {
      require(!family.empty() && line.starts_with(family), "a sample is of its family");
      require(series.emplace(line.substr(0, line.rfind(' '))).second, "no two samples are alike");
    }
  }
}

void check_names(const std::vector<expose::Family>& families) {
  std::set<std::string> taken;
  for (const expose::Family& family : families) {
    require(!family.series.empty(), "a family has a series");
    for (std::string& name : expose::taken_names(family.name, family.type)) {
      require(taken.insert(std::move(name)).second, "no name means two things: " + family.name);
    }
  }
}

}  // namespace

void check_exposition(const model::Snapshot& snapshot) {
  const auto families = expose::families_of(snapshot);
  check_names(families);
  check_text(families);
  check_openmetrics(families);
  for (const model::TargetMetrics& target : snapshot.targets) {
    const std::string json = expose::write_json(snapshot, target);
    require_utf8(json);
    require(nlohmann::json::parse(json, nullptr, false).is_object(), "JSON is JSON");
  }
}

}  // namespace fuzz
