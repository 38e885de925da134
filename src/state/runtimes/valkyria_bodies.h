// What the bodies of the functions consist of that a public runtime has by name: for an evaluator
// that keeps where it is in a body, and not whose body that is. Names of fields are facts of its
// public source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memory/memory.h"
#include "state/field_reader.h"
#include "state/layout.h"
#include "state/runtimes/valkyria_functions.h"

namespace state {
class PageCache;
}

namespace state::valkyria {

// Tells a function by a part of the list that is its body. The evaluator makes that list for each
// call, of the elements that the function has: an element tells the function, if no other one has
// it. The list is gone with the next collection, or, where it lies in the arena of a script, when
// that is used anew: it tells nothing if either has happened since the sample was taken. In any
// other arena it never does. One thread.
class BodyElements {
 public:
  // All that it needs of a layout.
  static std::vector<std::string> paths();
  // None: the layout lacks one of them. `now`: the clock that the functions were opened with.
  static std::optional<BodyElements> open(const Layout& layout, std::uint64_t load_bias,
                                          RootFunctions::Clock now);

  // As LispFunctions::prepare.
  void prepare(memory::Memory& memory);

  // The name of the function; empty: it can't be known. `functions`: always the same. To be asked
  // about a sample after all that were taken before.
  std::string name(std::uint64_t part_of_body, RootFunctions& functions, memory::Memory& memory);

 private:
  // How far these are in an object: 8 bytes each.
  struct Places {
    std::uint64_t flags = 0;
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
  };
  struct Element {
    std::string function;  // empty: several have it
    std::uint64_t since_ns = 0;
  };
  using Elements = std::unordered_map<std::uint64_t, Element>;  // by address
  using Parts = std::unordered_map<std::uint64_t, std::uint64_t>;

  BodyElements(Places places, FieldReader arena, RootFunctions::Clock now)
      : places_(places), arena_(std::move(arena)), now_(std::move(now)) {}

  void look(RootFunctions& functions, memory::Memory& memory);
  void look_at_arena(memory::Memory& memory);
  std::optional<std::uint64_t> first_element(std::uint64_t part, RootFunctions& functions,
                                             memory::Memory& memory);
  bool is_still_there(std::uint64_t part, std::uint64_t flags,
                      const RootFunctions& functions) const;
  bool is_in_arena(std::uint64_t part) const;
  std::vector<std::uint64_t> elements_of(std::uint64_t body, PageCache& memory) const;
  void rebuild(const RootFunctions& functions, memory::Memory& memory);

  Places places_;
  FieldReader arena_;
  RootFunctions::Clock now_;
  Elements elements_;
  std::uint64_t rebuilt_ns_ = 0;
  std::uint64_t functions_read_ns_ = 0;  // when those were read that they are made of
  Parts parts_;  // to their first elements, as long as nothing is seen to have changed
  std::uint64_t looked_ns_ = 0;
  std::uint64_t collected_ns_ = 0;  // as the functions have it
  std::optional<std::uint64_t> arena_uses_;
  std::uint64_t arena_reused_ns_ = 0;  // when we last saw that it had been; 0: never
};

}  // namespace state::valkyria
