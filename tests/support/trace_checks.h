// What must hold of every trace file, so that viewers show all of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace test {

// Empty, or what is wrong: slices of a lane that don't nest, names that are missing, an order that
// is none, numbers below zero, arrows that end nowhere.
std::string fault_of_trace(const nlohmann::json& trace);

}  // namespace test
