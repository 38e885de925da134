#include "expose/probe_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/utf8.h"
#include "expose/printable.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;
using model::Attachability;

std::string_view name_of(Attachability attachability) {
  switch (attachability) {
    case Attachability::kAttachable:
      return "attachable";
    case Attachability::kAbsent:
      return "absent";
    case Attachability::kUncounted:
      return "uncounted";
    case Attachability::kRefused:
      return "refused";
    case Attachability::kNotNeeded:
      return "not_needed";
  }
  return "unknown";
}

std::string hex(std::uint64_t number) {
  return fmt::format("{:#x}", number);
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += separator;
    joined += word;
  }
  return joined;
}

std::string state_text(const model::ProbeListing& probe) {
  switch (probe.attachability) {
    case Attachability::kAttachable:
      return "attaches by " + probe.how;
    case Attachability::kRefused:
      return "REFUSED: " + printable(probe.how);
    case Attachability::kAbsent:
      return "absent: " + probe.how;
    case Attachability::kUncounted:
    case Attachability::kNotNeeded:
      return "not attached: " + probe.how;
  }
  return "unknown";
}

std::string_view end_of(const model::FunctionListing& function) {
  return function.at_return ? "return" : "entry";
}

void append_probe(std::string& out, const model::ProbeListing& probe, std::size_t width) {
  out += fmt::format("{:<{}}  {:<6}  {:<10}  {}\n", probe.name, width, probe.cost,
                     probe.group.empty() ? "-" : probe.group, state_text(probe));
  for (const model::SiteListing& site : probe.sites) {
    out += fmt::format("    site {} in the file, {} in memory: {}\n", hex(site.file_offset),
                       hex(site.address), printable(join(site.operands, " ")));
  }
  for (const model::FunctionListing& function : probe.functions) {
    out +=
        fmt::format("    function {}, at its {}: {} in the file, {} in memory\n", function.function,
                    end_of(function), hex(function.file_offset), hex(function.address));
  }
  for (const model::SemaphoreListing& semaphore : probe.semaphores) {
    out += fmt::format("    semaphore at {}: {}\n", hex(semaphore.address),
                       semaphore.value ? fmt::format("{}", *semaphore.value) : "unreadable");
  }
  if (probe.attachability == Attachability::kAbsent || probe.families.empty()) return;
  out += "    gives " + join(probe.families, ", ") + '\n';
}

void append_state(std::string& out, const model::StateListing& state) {
  if (state.layout.empty()) {
    out += "memory is not read: " + printable(state.how) + '\n';
    return;
  }
  out += fmt::format("memory is read by the layout {} from {}\n", printable(state.layout),
                     printable(state.how));
  out += "    gives " + join(state.families, ", ") + '\n';
}

Json state_json(const model::StateListing& state) {
  return {{"layout", state.layout.empty() ? Json(nullptr) : Json(base::valid_utf8(state.layout))},
          {"how", base::valid_utf8(state.how)},
          {"families", state.families}};
}

Json sites_json(const std::vector<model::SiteListing>& sites) {
  Json array = Json::array();
  for (const model::SiteListing& site : sites) {
    Json operands = Json::array();
    for (const std::string& operand : site.operands) operands.push_back(base::valid_utf8(operand));
    array.push_back({{"file_offset", hex(site.file_offset)},
                     {"address", hex(site.address)},
                     {"operands", std::move(operands)}});
  }
  return array;
}

Json functions_json(const std::vector<model::FunctionListing>& functions) {
  Json array = Json::array();
  for (const model::FunctionListing& function : functions) {
    array.push_back({{"function", function.function},
                     {"at", end_of(function)},
                     {"file_offset", hex(function.file_offset)},
                     {"address", hex(function.address)}});
  }
  return array;
}

Json semaphores_json(const std::vector<model::SemaphoreListing>& semaphores) {
  Json array = Json::array();
  for (const model::SemaphoreListing& semaphore : semaphores) {
    array.push_back({{"address", hex(semaphore.address)},
                     {"value", semaphore.value ? Json(*semaphore.value) : Json(nullptr)}});
  }
  return array;
}

Json probe_json(const model::ProbeListing& probe) {
  return {{"name", probe.name},
          {"cost", probe.cost},
          {"group", probe.group.empty() ? Json(nullptr) : Json(probe.group)},
          {"state", name_of(probe.attachability)},
          {"how", base::valid_utf8(probe.how)},
          {"sites", sites_json(probe.sites)},
          {"functions", functions_json(probe.functions)},
          {"semaphores", semaphores_json(probe.semaphores)},
          {"families", probe.families}};
}

}  // namespace

std::string write_probes_text(const model::ProcessProbes& listed) {
  std::string out = fmt::format("pid {} ({}): {}\n", listed.pid, printable(listed.comm),
                                printable(listed.executable));
  std::size_t width = 0;
  for (const model::ProbeListing& probe : listed.probes) width = std::max(width, probe.name.size());
  for (const model::ProbeListing& probe : listed.probes) append_probe(out, probe, width);
  append_state(out, listed.state);
  if (listed.hit_cost_ns) {
    out += fmt::format("a hit costs {:.1f} us of CPU on this machine (calibrated)\n",
                       static_cast<double>(*listed.hit_cost_ns) / 1000);
  }
  return out;
}

std::string write_probes_json(const model::ProcessProbes& listed) {
  Json probes = Json::array();
  for (const model::ProbeListing& probe : listed.probes) probes.push_back(probe_json(probe));
  const Json document = {
      {"pid", listed.pid},
      {"comm", base::valid_utf8(listed.comm)},
      {"executable", base::valid_utf8(listed.executable)},
      {"probes", std::move(probes)},
      {"state", state_json(listed.state)},
      {"hit_cost_ns", listed.hit_cost_ns ? Json(*listed.hit_cost_ns) : Json(nullptr)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace expose
