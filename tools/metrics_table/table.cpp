#include "table.h"

#include <fmt/format.h>

#include <vector>

#include "columns.h"
#include "runtimes.h"

namespace metrics_table {
namespace {

using Cells = std::vector<std::string>;

constexpr std::string_view kHead = R"(# Metrics

<!-- Made by tools/metrics_table. Don't edit: change what it is made from (model/catalogue, the readers, the probes), then run
     tools/build default metrics_table && build/bin/metrics_table > docs/metrics.md -->

Every family that `/metrics` can have. What is not known of a process is absent there, never 0.

- **Since** is when a counter, a histogram, or a largest or mean value begins: when the process started, or when the exporter attached to it. *—* is a number of the moment. OpenMetrics has the same as `_created`.
- With several watched processes, every family that is about one of them has the label `process`, too.
- `histogram` means that there are `_bucket`, `_sum` and `_count`.
- The tables follow from the code; what an own build lacks, `valkyria_exporter probes` and `doctor` tell, and `process.sources` in `/debug/metrics` says for each watched process where its families come from.

## Of the runtime

The columns of the runtimes say where the exporter takes a family from in a full build of them that has debug information:

| | |
|---|---|
| memory | the runtime counts it, and the exporter reads it there: exact since the process started, and free of cost for it |
| functions | probes of the unmodified runtime's functions tell it, since attach |
| probes | only the probes of the header tell it, which have to be [built in](instrumenting.md), since attach |
| (functions) | as above, but only where the runtime's memory can't be read |
| — | nobody knows it |

The column *probes* names those of the header that tell it, which they do in any runtime where its memory doesn't.

)";

constexpr std::string_view kOutside = R"(
## Of the process and of the exporter

The kernel tells these of the watched process, and the exporter of its own work.

)";

constexpr std::string_view kEnd = R"(
## Of the application

Series that an application registered with a public runtime (`metrics/counter-inc` and its like) are passed through under their own names and labels, after all of these, since the process started. What can't be, `valkyria_exporter_registered_series_dropped` counts.
)";

std::string line_of(const Cells& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) {
    line += ' ';
    for (const char letter : cell) {
      if (letter == '|') line += '\\';
      line += letter;
    }
    line += " |";
  }
  return line + '\n';
}

std::string head_of(const Cells& titles) {
  return line_of(titles) + line_of(Cells(titles.size(), "---"));
}

std::string code(std::string_view text) {
  return fmt::format("`{}`", text);
}

std::string probes_cell(const model::CatalogueEntry& entry) {
  if (entry.from == model::Preference::kStateOnly) return "—";
  std::string cell;
  for (const std::string& probe : probes_of(entry.member)) {
    cell += fmt::format("{}{}", cell.empty() ? "" : ", ", code(probe));
  }
  return cell.empty() ? "—" : cell;
}

std::string write_runtime_table(const std::vector<Runtime>& runtimes) {
  Cells titles{"family", "type", "labels", "unit"};
  for (const Runtime& runtime : runtimes) titles.push_back(runtime.title);
  titles.insert(titles.end(), {"probes", "since", "what it is, and how it differs"});
  std::string table = head_of(titles);
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    if (!is_of_runtime(entry)) continue;
    Cells cells{code(entry.name), type_of(entry), labels_of(entry), unit_of(entry)};
    for (const Runtime& runtime : runtimes) cells.push_back(source_in(entry, runtime));
    cells.insert(cells.end(),
                 {probes_cell(entry), since(entry, runtimes), meaning_of(entry, runtimes)});
    table += line_of(cells);
  }
  return table;
}

std::string write_other_table() {
  std::string table =
      head_of({"family", "type", "labels", "unit", "told by", "since", "what it is"});
  for (const model::CatalogueEntry& entry : model::catalogue()) {
    if (is_of_runtime(entry)) continue;
    table += line_of({code(entry.name), type_of(entry), labels_of(entry), unit_of(entry),
                      source_outside(entry), since(entry, {}), meaning_of(entry, {})});
  }
  return table;
}

}  // namespace

std::string write_page() {
  std::string page(kHead);
  page += write_runtime_table(known_runtimes());
  page += kOutside;
  page += write_other_table();
  page += kEnd;
  return page;
}

}  // namespace metrics_table
