// What everybody says alike of a profile: the names of frames, and its numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/profile.h"

namespace expose {

// As it stands in a stack: "λ name" of a Lisp function, "[kernel]", "[truncated]". Valid UTF-8.
std::string frame_name(const model::ProfileFunction& function);

// Of a place in no function that is known: "libfoo.so+0x1234", by its offset in the file, as
// addr2line takes it where segments lie as they are stored; else its address.
std::string place_name(const model::Profile& profile, const model::ProfileLocation& location);

// The last part of a path.
std::string_view file_name(std::string_view path);

// A frame of a stack as people see it.
struct Frame {
  std::string name;
  model::FunctionKind kind = model::FunctionKind::kNative;
  std::string module;  // the name of the file that it was mapped from; empty: none
  std::string file;    // of the source; empty: not known
};

// The frames of each of Profile::locations, the outermost first: several where functions were put
// into one another.
std::vector<std::vector<Frame>> frames_of_locations(const model::Profile& profile);

// Nanoseconds from one sample of a thread that runs to the next; 0 where nobody asked for any.
std::uint64_t period_ns(const model::Profile& profile);

// "main (4711)"
std::string thread_name(const model::ProfileThread& thread);

std::string_view phase_name(model::GcPhase phase);

// Where the time of all threads together went: "threads: 2 s ran, 0.1 s stood still for
// collections, 7.9 s waited for events, 10 s waited otherwise". Empty where nothing is known.
std::string thread_time_words(const model::ThreadTime& time);

// What a reader must know to judge the numbers, a sentence each; empty where there is nothing to
// say.
std::vector<std::string> caveats(const model::Profile& profile);

}  // namespace expose
