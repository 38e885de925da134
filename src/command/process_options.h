// Which process is meant, and how the layout of its memory is found: for most commands.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "layout/layouts.h"

namespace command {

struct ProcessOptions {
  int pid = 0;  // 0: none given
  std::string proc_root = "/proc";
  layout::Config layouts;
};

// Fails where no process was given.
base::Result<void> require_pid(const ProcessOptions& options, std::string_view command);

}  // namespace command
