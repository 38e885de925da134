// All variants under all loads, compared in one run.
#pragma once

#include <string>
#include <vector>

#include "bench_support/spread.h"
#include "loads.h"

namespace bench {

// What a variant costs a load. The intervals are of pairs: the variant, and nobody attached before
// and after it.
struct VariantCost {
  std::string variant;
  Spread ratio;     // CPU time of the target a unit of work, 1: as if nobody were attached
  Spread extra_ns;  // a unit
  double hits = 0;  // a unit; of our own programs
};

struct LoadCost {
  const LoadSpec* load = nullptr;
  Spread unattached_ns;  // a unit
  std::vector<VariantCost> variants;
};

// Of a hit: as probe::measure_hit_cost() says between the rounds, and as a busy server pays.
struct HitPrice {
  Spread calibrated_ns;
  Spread measured_ns;  // extra CPU time a request / hits a request, default groups
};

struct Comparison {
  int rounds = 0;
  std::vector<LoadCost> loads;
  HitPrice hit;
};

// In each round each load has all variants, in an order of its own, and before and after each of
// them nobody is attached. One target lives through all of it.
Comparison compare(int rounds);

// Null: there is none.
const LoadCost* find_load(const Comparison& comparison, std::string_view name);
const VariantCost* find_variant(const LoadCost& load, std::string_view name);

}  // namespace bench
