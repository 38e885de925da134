// Looks into the files that processes run.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "target/naming.h"
#include "target/place.h"
#include "target/process.h"
#include "target/program.h"
#include "target/selection.h"
#include "watch/loose_thread.h"

namespace watch {

// What was found out about a process that somebody asked about.
struct Recognised {
  target::Process process;
  std::shared_ptr<const target::Program> program;  // null: there is nothing to watch
  bool may_come = false;  // to be looked at again: its file changed, or a loader has not loaded yet
  bool hangs = false;     // its file does not answer: not looked at
  std::string denied;     // why we may not look at its file; empty: we may
  std::string script;     // as it was given; empty if there is none
  target::Place place;
  target::Marks marks;  // what it is called by, and told apart from others
};

// Opens and reads each file once, in a thread of its own that is left behind where it hangs. While
// one hangs, nothing else is looked at that would hang with it: nothing else on that file system,
// not that process again, and of an ordinary user who has two that hang nothing at all. So hanging
// takes few threads.
// Remembers what it found: of files that are not recognised the last 10,000; of recognised ones
// those that somebody still uses. One thread at a time.
class Recogniser {
 public:
  // What `selection` says of files and of the names of programs is asked here: the rest is not.
  // `name_from` is what a process is called by. `wake_fd`, an eventfd, is written to when something
  // was found out.
  Recogniser(std::string proc_root, target::Recognition recognition, target::Selection selection,
             std::vector<target::NameSource> name_from, int wake_fd);
  ~Recogniser();
  Recogniser(const Recogniser&) = delete;
  Recogniser& operator=(const Recogniser&) = delete;

  // Whether the process runs a file that is known to be none of ours.
  bool is_stranger(const target::Process& process) const;

  // Looks at the process, as it was last asked about: each user's in the order of asking, and users
  // by turns, so that nobody's many hold up others'. take() gives the answer.
  void ask(target::Process process);
  std::vector<Recognised> take();

  // Whether nothing is being looked at.
  bool is_idle() const;

  // Leaves a look that takes longer than a second behind, with the file that hangs, and goes on
  // with the next one; and looks at what was said to hang with it, once it hangs no more. Call it
  // about once a second.
  void skip_what_hangs();

 private:
  struct Work;
  // A look that was left behind.
  struct Stuck {
    target::Process process;
    bool is_at_file = false;  // else at the process's memory
    std::shared_ptr<Work> work;
  };

  // Whether a look would hang with one that does. `reads_file`: it is not known yet.
  bool would_hang(const target::Process& process, bool reads_file);
  void put_aside(const target::Process& process);
  void ask_again();
  void start_thread();
  static void run(Work& work, const std::stop_token& stop);

  const std::string proc_root_;
  const target::Recognition recognition_;
  const target::Selection selection_;
  const std::vector<target::NameSource> name_from_;
  const int wake_fd_;
  std::map<target::FileVersion, std::weak_ptr<const target::Program>> recognised_;
  std::set<target::FileVersion> others_;
  std::shared_ptr<Work> work_;
  std::vector<Stuck> stuck_;
  std::map<int, target::Process> aside_;  // by pid: who hangs, and who would hang, too
  // By pid, when it was started: who has hung before. What answers slowly again and again is left
  // to whoever asks again.
  std::map<int, std::uint64_t> has_hung_;
  std::optional<LooseThread> thread_;
  bool told_ = false;  // that there is no thread
};

}  // namespace watch
