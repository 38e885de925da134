// What the user asked for.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "http/server.h"
#include "probe/contract.h"

namespace agent {

struct WatchPid {
  int pid = 0;
};

// Every process that runs this file, now and later.
struct WatchExecutable {
  std::string path;
};

using Watch = std::variant<WatchPid, WatchExecutable>;

struct Config {
  Watch watch;
  std::vector<probe::Group> groups;
  http::ServerConfig web;
  std::string version;
  std::string proc_root = "/proc";
};

}  // namespace agent
