// The thread that reads --web.config.file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "watch/loose_thread.h"

namespace http {
class SharedSettings;
}  // namespace http

namespace agent {

// Reads the file, with those that it names, at first, when one of them changes, and when it is told
// to, and puts what it says in place. What can't be used is said once, and what held before holds.
//
// Owns a thread that may hang with the files' file system, and nobody waits for it. It looks at the
// files each second, and has no capability: the user that the exporter runs as must be allowed to
// read them, when it starts as later on.
class WebConfigReader {
 public:
  struct Status {
    bool is_successful = true;  // the last time; false also while the files take more than 10 s
    std::uint64_t success_unix_ns = 0;  // the last time that it was
  };

  // When it is back, what the file says is in place. Fails where it can't be used, or can't be read
  // within 10 s.
  static base::Result<std::unique_ptr<WebConfigReader>> start(
      std::string path, std::shared_ptr<http::SharedSettings> settings);

  // Soon. Any thread; doesn't wait.
  void reload();
  Status status() const;

 private:
  struct State;  // also the thread's, which may be left behind

  WebConfigReader(std::shared_ptr<State> state, watch::LooseThread thread);

  std::shared_ptr<State> state_;
  watch::LooseThread thread_;
};

}  // namespace agent
