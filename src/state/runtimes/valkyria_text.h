// The text of the functions that the public runtimes have by name: for an evaluator whose frames
// point into it. Names of fields are facts of their public source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "memory/memory.h"
#include "model/stack_sample.h"
#include "state/layout.h"
#include "state/runtimes/valkyria_functions.h"

namespace state::valkyria {

// How far these are in an object of the runtime: 8 bytes each.
struct TextPlaces {
  std::uint32_t flags = 0;
  std::uint32_t head = 0;
  std::uint32_t tail = 0;
  std::uint32_t text = 0;  // of a symbol
};

// All that it needs of a layout.
std::vector<std::string> text_paths();
std::optional<TextPlaces> text_places(const Layout& layout);

// Of an object's flags: those that say that it is a list to be evaluated.
inline constexpr std::uint32_t kCallMask = 0x8'00ff;
inline constexpr std::uint32_t kCallFlags = 7;

// Tells which function an element of a list in its text belongs to, or the end of a list. What is
// in two functions tells nothing, nor does what may have been another one's when the sample was
// taken. A function without a name within another one is none of its text; where that can't be
// told, its text has no name. One thread.
class FunctionTexts {
 public:
  // `root` was opened with the same clock.
  FunctionTexts(const TextPlaces& places, RootFunctions root, RootFunctions::Clock now)
      : places_(places), root_(std::move(root)), now_(std::move(now)) {}

  // As LispFunctions::prepare.
  void prepare(memory::Memory& memory);

  // As LispFunctions::name.
  std::string name(const model::LispFrame& frame, memory::Memory& memory);

  // How many elements are known.
  std::size_t size() const { return elements_.size(); }

  struct Element {
    std::size_t function = 0;  // in `names_`, or kShared
    std::uint64_t since_ns = 0;
  };
  using Elements = std::unordered_map<std::uint64_t, Element>;  // by address

 private:
  void follow(memory::Memory& memory, bool misses_something);
  void rebuild(memory::Memory& memory, std::uint64_t now_ns);
  const Element* find(std::uint64_t address) const;

  TextPlaces places_;
  RootFunctions root_;
  RootFunctions::Clock now_;
  std::vector<std::string> names_;
  Elements elements_;
  std::uint64_t rebuilt_ns_ = 0;
  std::uint64_t root_read_ns_ = 0;  // when what they are made of was
};

}  // namespace state::valkyria
