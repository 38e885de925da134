// What the confined process makes of samples.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/call_sites.h"
#include "profile/unwinder.h"
#include "profile/wire.h"

namespace profile {

// A sample as it goes there.
struct StackRequest {
  std::array<std::uint64_t, elf::kRegisters> registers{};
  std::uint64_t stack_address = 0;
  std::vector<std::byte> stack;
};

struct FoundFunction {
  std::string name;         // as in the source, demangled; any bytes
  std::string system_name;  // as the linker knows it; empty: the same
  std::string file;
};

struct FoundLine {
  std::size_t function = 0;  // of all functions that were found so far
  std::uint64_t line = 0;
};

struct FoundLocation {
  std::uint64_t address = 0;
  std::optional<std::size_t> module;  // of those that were told at the start
  std::vector<FoundLine> lines;       // the innermost first
};

struct FoundFrame {
  std::size_t location = 0;  // of all locations that were found so far
  // The address where the frame ends and its caller's begins; none: not known.
  std::optional<std::uint64_t> end;
  // What stands for the Lisp function that the evaluator calls here, 0: nobody knows; none: it is
  // no such call.
  std::optional<std::uint64_t> called{};
  // Where that is 0: the part of its body, a list, that it evaluates; 0: nobody knows.
  std::uint64_t part_of_body = 0;
};

struct FoundStack {
  Ending ending = Ending::kNoRow;
  std::vector<FoundFrame> frames;  // the innermost first
};

// Of a batch of samples. Functions and locations are told once: they go on from batch to batch.
struct FoundStacks {
  std::vector<FoundFunction> new_functions;
  std::vector<FoundLocation> new_locations;
  std::vector<FoundStack> stacks;  // one for each sample, in their order
};

inline constexpr std::size_t kMaxNameBytes = 4'096;

// What is told of one target, in all batches together.
inline constexpr std::size_t kMaxFoundFunctions = 100'000;
inline constexpr std::size_t kMaxFoundLocations = 200'000;
// Functions that the compiler put into one another.
inline constexpr std::size_t kMaxFoundLines = 256;

std::vector<std::byte> write_requests(const std::vector<StackRequest>& requests);
// None: it is no such message.
std::optional<std::vector<StackRequest>> read_requests(std::span<const std::byte> message);

std::vector<std::byte> write_found(const FoundStacks& found);
// `known_functions`, `known_locations`: so many came before. Fails where anything points to what is
// not there, and past any limit: the other side may have been made to write anything.
base::Result<FoundStacks> read_found(std::span<const std::byte> message,
                                     std::size_t known_functions, std::size_t known_locations,
                                     std::size_t modules);

// What the process works on, which it is told once.
struct CodeFacts {
  ModuleMap modules;
  std::vector<elf::CallSite> calls;  // of the evaluator, where they are in the target
};

std::vector<std::byte> write_facts(const CodeFacts& facts);
std::optional<CodeFacts> read_facts(std::span<const std::byte> message);

}  // namespace profile
