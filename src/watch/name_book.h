// Who has which name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "target/naming.h"

namespace watch {

// A process, whatever it runs. Two boots of a machine may have the same.
struct Owner {
  int pid = 0;
  std::uint64_t start_ticks = 0;

  friend bool operator==(const Owner&, const Owner&) = default;
};

// A name, and who has it or had it last. Times are of CLOCK_BOOTTIME.
struct NamedThing {
  std::string name;
  target::Marks marks;
  Owner owner;
  bool has_ended = false;
  // A successor starts later than this: when its owner had ended, or was seen for the last time.
  std::uint64_t ended_ns = 0;
  std::uint64_t kept_until_ns = 0;  // for successors; then anybody may have the name
  bool is_hearsay = false;          // it comes from a file: its owner has not been named here yet

  friend bool operator==(const NamedThing&, const NamedThing&) = default;
};

// Gives names that stay. A name belongs to a thing (an instance of a service, say), which is known
// by its marks; when its process has ended, the one that follows it has the name again. Nobody else
// has it for an hour. Where several have the same base, the first one's name is just that, and of a
// later one the name goes on with what it alone has: its script, else its port, else the lowest
// free number. Pure logic; one thread at a time.
class NameBook {
 public:
  static constexpr std::uint64_t kKeptNs = 3'600'000'000'000;
  // An end is noticed later than it is; the next start, maybe, at once.
  static constexpr std::uint64_t kSlackNs = 2'000'000'000;
  // For so long a process may listen on no port yet that is needed to know it.
  static constexpr std::uint64_t kPortTimeNs = 2'000'000'000;

  // Remembers so many things: past it, those that ended first are forgotten.
  explicit NameBook(std::size_t max_things = 4'096);

  // What was remembered elsewhere, in addition.
  void restore(std::vector<NamedThing> things);

  // The name of this process from now on. None: its port would tell which of several it is, and it
  // may be there in a moment; ask again then, or don't wait. `start_ns` is when it was started.
  enum class Port { kMayCome, kIsNotWaitedFor };
  std::optional<std::string> name(const Owner& owner, const target::Marks& marks,
                                  std::uint64_t start_ns, std::uint64_t now_ns,
                                  Port port = Port::kMayCome);

  // The process listens on this port by now.
  void learn_port(const Owner& owner, std::uint16_t port);

  // The process is watched no more: it has ended, or runs another image.
  void end(const Owner& owner, std::uint64_t now_ns);

  // Those whose owners should still run, by hearsay. Who finds that one does not, tells
  // end_unseen(): it may have ended at any time since the file was written.
  std::vector<Owner> hearsay() const;
  void end_unseen(const Owner& owner, std::uint64_t now_ns);

  const std::vector<NamedThing>& things() const { return things_; }

  // Grows with each change that a file should know of.
  std::uint64_t changes() const { return changes_; }

 private:
  NamedThing* find_owned(const Owner& owner);
  NamedThing* find_left_by_predecessor(const target::Marks& marks, std::uint64_t start_ns);
  bool must_wait_for_port(const target::Marks& marks, std::uint64_t start_ns,
                          std::uint64_t now_ns) const;
  std::string new_name(const target::Marks& marks) const;
  bool is_free(const std::string& name) const;
  void forget(std::uint64_t now_ns);
  std::vector<NamedThing>::iterator find_first_to_forget();

  const std::size_t max_things_;
  std::vector<NamedThing> things_;
  std::uint64_t changes_ = 0;
};

}  // namespace watch
