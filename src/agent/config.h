// What the user asked for.
#pragma once

#include "http/server.h"
#include "watch/config.h"

namespace agent {

struct Config {
  watch::Config watch;
  http::ServerConfig web;
};

}  // namespace agent
