// Families by what they are about, so that a scrape can ask for some of them.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/catalogue.h"

namespace expose {

// Each family is of exactly one.
enum class Collector {
  kProcess,      // who is watched, and what the kernel tells of it
  kGc,           // collections and the heap
  kVm,           // the evaluator's own counts
  kEval,         // evaluations from outside, by kind
  kAio,          // event loops, their connections and pools
  kHttp,         // servers
  kClient,       // named clients
  kFunction,     // Lisp functions
  kApplication,  // what applications registered
  kExporter,     // what the exporter does, and the exporter itself
};

inline constexpr std::array kCollectors{
    Collector::kProcess,     Collector::kGc,      Collector::kVm,     Collector::kEval,
    Collector::kAio,         Collector::kHttp,    Collector::kClient, Collector::kFunction,
    Collector::kApplication, Collector::kExporter};

// "gc", as a scrape names it.
std::string_view name_of(Collector collector);

Collector collector_of(const model::CatalogueEntry& entry);

// Which ones are wanted. Empty: all.
using Collectors = std::set<Collector>;

inline bool includes(const Collectors& wanted, Collector collector) {
  return wanted.empty() || wanted.contains(collector);
}

// By their names. Fails for one that there is not, with all that there are.
base::Result<Collectors> parse_collectors(const std::vector<std::string>& names);

}  // namespace expose
