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
      SeriesWriter(out, family.name, series.labels)
          .write_value("", series.value, {append_seconds, append_bound});
    }
  }
  return out;
}

}  // namespace expose
