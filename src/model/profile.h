// Where a target's threads were while they ran, by samples of their stacks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/snapshot.h"

namespace model {

enum class FunctionKind {
  kNative,
  kLisp,
  kCollector,  // native, of the garbage collector
  kKernel,
  kMarker,  // no function: that the stack goes on but was cut, or could not be followed
};

struct ProfileFunction {
  std::string name;         // of a Lisp function its own, without any sign; any bytes
  std::string system_name;  // as the linker knows it; of a Lisp function, of what evaluates it
  std::string file;         // of the source; empty: not known
  FunctionKind kind = FunctionKind::kNative;
};

// A mapped piece of a file.
struct ProfileMapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;  // in the file
  std::string file;          // its path, as the kernel tells it
  std::string build_id;      // hexadecimal; empty: it has none
};

// One place of the code. What the compiler put into one another has several functions: the
// innermost first. None: the place is in no function that is known.
struct ProfileLine {
  std::size_t function = 0;  // of Profile::functions
  std::uint64_t line = 0;    // of the source; 0: not known
};
struct ProfileLocation {
  std::uint64_t address = 0;           // 0: none, as of a Lisp function or a marker
  std::optional<std::size_t> mapping;  // of Profile::mappings
  std::vector<ProfileLine> lines;
};

// kOutside: of any pause. kPaused: all threads stood still for a collection, this one by waiting.
// kCollecting: this thread ran it.
enum class GcPhase { kOutside, kPaused, kCollecting };

struct ProfileThread {
  std::uint32_t number = 0;  // as the kernel numbers it
  std::string name;          // any bytes
};

// All samples that had the same stack, in the same thread and phase.
struct ProfileStack {
  std::vector<std::size_t> locations;  // of Profile::locations, the innermost first
  std::size_t thread = 0;              // of Profile::threads
  GcPhase phase = GcPhase::kOutside;
  std::uint64_t samples = 0;
};

// What became of the samples that were taken.
struct ProfileCounts {
  std::uint64_t samples = 0;  // that are in `stacks`
  // Of them, whose stack, or Lisp functions in it, were more than what was copied.
  std::uint64_t truncated = 0;
  // Of the others, where either could not be followed to the end.
  std::uint64_t failed = 0;
  // That nobody took in time: they are in no stack.
  std::uint64_t lost = 0;
};

// Where the time of all threads together went while the profile was taken: a profile of a processor
// says nothing of who waits. What is not known is empty.
struct ThreadTime {
  Count running_ns;
  Count queued_ns;   // ready to run, without a processor
  Count paused_ns;   // standing still for collections
  Count polling_ns;  // waiting for events, in an event loop
  Count blocked_ns;  // waiting for anything else
};

struct Profile {
  std::string process;  // the label; empty where one --pid is watched
  int pid = 0;
  std::string exe;
  std::string build_id;
  std::string exporter_version;
  std::uint64_t begun_unix_ns = 0;
  std::uint64_t duration_ns = 0;
  std::uint32_t hz = 0;  // samples a second of a thread that runs
  Count cpu_ns;          // that the process used meanwhile, by the kernel's account
  std::vector<ProfileFunction> functions;
  std::vector<ProfileMapping> mappings;
  std::vector<ProfileLocation> locations;
  std::vector<ProfileThread> threads;
  std::vector<ProfileStack> stacks;
  ProfileCounts counts;
  ThreadTime time;
};

}  // namespace model
