// The dashboard in a terminal.
#pragma once

#include <string>

#include "base/result.h"
#include "command/process_options.h"
#include "command/serve.h"

namespace command {

struct TopOptions {
  std::string url = "http://127.0.0.1:18255";
  std::string process;  // empty: all that there are
  bool once = false;
};

// Where a process is selected, attaches to it like serving does, with a server that only this
// process knows of, on a free port of loopback; else asks the exporter of the URL. Returns when a
// key, SIGINT, SIGTERM or SIGHUP ends it, or stdout can't be written to.
base::Result<int> run_top(const ProcessOptions& process, const ServeOptions& selection,
                          const TopOptions& options);

}  // namespace command
