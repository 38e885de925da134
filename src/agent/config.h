// What the user asked for.
#pragma once

#include <string>
#include <vector>

#include "http/server.h"
#include "probe/contract.h"
#include "target/selection.h"

namespace agent {

struct Config {
  target::Selection selection;
  std::vector<probe::Group> groups;
  http::ServerConfig web;
  std::string version;
  std::string proc_root = "/proc";
};

}  // namespace agent
