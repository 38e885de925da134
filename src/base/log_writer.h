// The thread that writes the log.
#pragma once

#include <spdlog/formatter.h>

#include <memory>

#include "base/log_queue.h"
#include "base/result.h"

namespace base {

// Starts a thread that writes the queue's lines to `fd` until the queue is closed and empty. It
// may hang for ever, where a pipe is full or a file system does not answer: it is nobody's to wait
// for, and shares with others nothing but the queue. It takes no signal and has no capability.
//
// The descriptor is never made non-blocking: whoever shares the open file with us would see that.
// `formatter` is for the lines that say how many are missing.
Result<void> start_log_writer(std::shared_ptr<LogQueue> queue, int fd,
                              std::unique_ptr<spdlog::formatter> formatter);

}  // namespace base
