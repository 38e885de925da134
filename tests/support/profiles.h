// SPDX-License-Identifier: BSD-2-Clause
#ifndef VALKYRIA_TESTS_SUPPORT_PROFILES_H
#define VALKYRIA_TESTS_SUPPORT_PROFILES_H

#include <cstdint>
#include <string>
#include <vector>

#include "model/profile.h"

namespace test {

// Makes a profile of frames that are named where they are used.
class ProfileMaker {
 public:
  // Of "program", which has used as much CPU time as samples tell; two threads, "main" (100) and
  // "worker" (101).
  ProfileMaker();

  // `frames`: the outermost first. "λ name" is of Lisp, "gc:name" of the collector, "[name]" a
  // marker, but "[kernel]" is the kernel's, "+0x12" a place without a function, all else native.
  // "a|b" is one place, where b was put into a.
  ProfileMaker& add(const std::vector<std::string>& frames, std::uint64_t samples,
                    model::GcPhase phase = model::GcPhase::kOutside, std::size_t thread = 0);

  model::Profile take() const;

 private:
  std::size_t location_of(const std::string& frame);
  std::size_t function_of(const std::string& frame);

  std::vector<std::string> frames_;     // of each location
  std::vector<std::string> functions_;  // of each function
  model::Profile profile_;
};

// A server at work: Lisp, natives, collections, two threads, cut stacks.
model::Profile busy_profile();

// The same after a change: some of it more, some less, some new.
model::Profile changed_profile();

// Nobody ran.
model::Profile empty_profile();

// Names that end elements, strings, lines, and are no UTF-8.
model::Profile hostile_profile();

// So many different stacks that small ones are merged in a page, and stacks of 600 frames.
model::Profile large_profile();

}  // namespace test

#endif  // VALKYRIA_TESTS_SUPPORT_PROFILES_H
