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
    FamilyWriter writer(out, family.name, {append_seconds, append_bound});
    for (const Series& series : family.series) {
      writer.begin_series(series.labels);
      writer.write_value("", series.value);
    }
  }
  return out;
}

}  // namespace expose
