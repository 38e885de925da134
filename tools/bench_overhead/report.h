// What was found, for people and for programs, and whether it is as promised.
#pragma once

#include <string>
#include <vector>

#include "comparison.h"

namespace bench {

struct Goal {
  std::string name;
  double value = 0;
  double limit = 0;
  bool good = true;
  bool binding = true;  // missed, it fails the bench
};

// Goals are missed where the whole interval says so.
std::vector<Goal> goals_of(const Comparison& comparison);

bool are_met(const std::vector<Goal>& goals);

std::string to_table(const Comparison& comparison, const std::vector<Goal>& goals);
std::string to_json(const Comparison& comparison, const std::vector<Goal>& goals);

}  // namespace bench
