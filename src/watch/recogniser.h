// Looks into the files that processes run.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "target/process.h"
#include "target/program.h"
#include "watch/loose_thread.h"

namespace watch {

// What was found out about a process that somebody asked about.
struct Recognised {
  target::Process process;
  std::shared_ptr<const target::Program> program;  // null: there is nothing to watch
  bool may_come = false;  // to be looked at again: its file changed, or a loader has not loaded yet
  bool hangs = false;     // its file does not answer: not looked at
  std::string problem;    // why we may not look at it; empty: we may
  std::string script;     // as it was given; empty if there is none
  std::string name;       // stable for it, but maybe another process's too
};

// Opens and reads each file once, in a thread of its own that is left behind where it hangs.
// Remembers what it found: of files that are not recognised the last 10,000; of recognised ones
// those that somebody still uses. One thread at a time.
class Recogniser {
 public:
  // `only_file`, if there is one, is the path of the file that a process must run to be looked at.
  // `wake_fd`, an eventfd, is written to when something was found out.
  Recogniser(std::string proc_root, target::Recognition recognition,
             std::optional<std::string> only_file, int wake_fd);
  ~Recogniser();
  Recogniser(const Recogniser&) = delete;
  Recogniser& operator=(const Recogniser&) = delete;

  // Whether the process runs a file that is known to be none of ours.
  bool is_stranger(const target::Process& process) const;

  // Looks at the process, in the order of asking; take() gives the answer.
  void ask(target::Process process);
  std::vector<Recognised> take();

  // Whether nothing is being looked at.
  bool is_idle() const;

  // Leaves a look that takes longer than a second behind, with the file that hangs, and goes on
  // with the next one. Call it about once a second.
  void skip_what_hangs();

 private:
  struct Work;

  void start_thread();
  static void run(Work& work, const std::stop_token& stop);

  const std::string proc_root_;
  const target::Recognition recognition_;
  const std::optional<std::string> only_file_;
  const int wake_fd_;
  std::map<target::FileVersion, std::weak_ptr<const target::Program>> recognised_;
  std::set<target::FileVersion> others_;
  std::shared_ptr<Work> work_;
  std::optional<LooseThread> thread_;
  bool told_ = false;  // that there is no thread
};

}  // namespace watch
