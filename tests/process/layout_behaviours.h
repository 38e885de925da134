// How the child behaves in which the exporter would resolve a layout. It is this test program
// again.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace test {

// By the file name of the executable that the child is told, up to the first '.'.
using Behaviour = std::function<int(const std::filesystem::path& executable)>;

inline std::map<std::string, Behaviour>& behaviours() {
  static std::map<std::string, Behaviour> all;
  return all;
}

struct AddBehaviour {
  AddBehaviour(const std::string& name, Behaviour behaviour) {
    behaviours()[name] = std::move(behaviour);
  }
};

}  // namespace test
