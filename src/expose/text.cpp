#include "expose/text.h"

#include "expose/line.h"
#include "expose/number.h"

namespace expose {

std::string write_text(const std::vector<Family>& families) {
  std::string out;
  out.reserve(expected_bytes(families));
  for (const Family& family : families) {
    out += "# HELP ";
    out += family.name;
    out += ' ';
    append_escaped(out, family.help, Quotes::kAsTheyAre);
    out += "\n# TYPE ";
    out += family.name;
    out += ' ';
    out += name_of(family.type);
    out += '\n';
    for (const Series& series : family.series) {
      SeriesWriter writer(out, family.name, series.labels);
      if (const auto* const histogram = std::get_if<model::Histogram>(&series.value)) {
        writer.write_histogram(*histogram, append_seconds);
      } else {
        writer.write("", std::get<Number>(series.value));
      }
    }
  }
  return out;
}

}  // namespace expose
