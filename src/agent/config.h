// What the user asked for.
#pragma once

#include <string>
#include <vector>

#include "agent/layouts.h"
#include "http/server.h"
#include "probe/contract.h"
#include "target/selection.h"

namespace agent {

struct Config {
  target::Selection selection;
  std::vector<probe::Group> groups;
  LayoutConfig layouts;
  http::ServerConfig web;
  std::string version;
  std::string proc_root = "/proc";
};

}  // namespace agent
