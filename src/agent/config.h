// What the user asked for.
#pragma once

#include <string>
#include <vector>

#include "http/server.h"
#include "timeline/capture_rule.h"
#include "watch/config.h"

namespace agent {

struct CaptureConfig {
  std::vector<timeline::CaptureRule> rules;
  std::string directory;  // empty: captures are kept in memory alone
};

struct Config {
  watch::Config watch;
  http::ServerConfig web;
  std::string web_config_file;  // empty: plain HTTP, for everybody
  CaptureConfig capture;
};

}  // namespace agent
