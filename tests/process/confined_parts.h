// What this test program does where it runs itself again, as the exporter would.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace test {

using Part = int (*)(const std::vector<std::string>& arguments);

// By the hidden command.
inline std::map<std::string, Part>& parts() {
  static std::map<std::string, Part> all;
  return all;
}

struct AddPart {
  AddPart(const std::string& command, Part part) { parts()[command] = part; }
};

inline void say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace test
