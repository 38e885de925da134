// The functions that the public runtimes have by name: what their root environment binds. Names of
// fields are facts of their public source.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "state/field_reader.h"
#include "state/layout.h"

namespace state::valkyria {

// Where the root environment is: parallel arrays of names and values.
struct RootPaths {
  const char* names;
  const char* name_count;
  const char* values;
  const char* value_count;
  const char* collections;  // of the heap, so far
};
// `heap` is a literal: a path with the arrow behind it.
#define VALKYRIA_ROOT(heap)                                                              \
  .names = heap "root_env->symbols.items", .name_count = heap "root_env->symbols.count", \
  .values = heap "root_env->vals.items", .value_count = heap "root_env->vals.count",     \
  .collections = heap "runtime_metrics.cycles_total"

// Of an object's flags: where it lies. 0: in an arena, which is used anew as a whole.
inline constexpr std::uint64_t kLastingMask = 0x300;

// All that RootFunctions needs of a layout.
void append_paths(std::vector<std::string>& paths, const RootPaths& root);

// Tells a function by its name, where it surely is that function: a stack holds the address of a
// function object, and by the time that we look there may be another one. So what lies in an arena,
// which is used anew as a whole, has no name. What lies in the heap has one if nothing was
// collected since the sample was taken, or if the root environment has had it there for that long.
// One thread.
class RootFunctions {
 public:
  // The oldest that a sample is by the time that it is asked about.
  static constexpr std::uint64_t kSampleAgeNs = 1'000'000'000;
  using Clock = std::function<std::uint64_t()>;  // CLOCK_MONOTONIC, in nanoseconds

  // None: the layout lacks one of the paths. `root` lives as long as the program.
  static std::optional<RootFunctions> open(const RootPaths& root, const Layout& layout,
                                           std::uint64_t load_bias, Clock now);

  // As LispFunctions::prepare.
  void prepare(memory::Memory& memory);

  // As LispFunctions::name, of the address of a function object. One that is bound to several names
  // has the first.
  std::optional<std::string> name(std::uint64_t function, memory::Memory& memory);

  struct Bound {
    std::string name;
    std::uint64_t since_ns = 0;  // we know it here, under this name; 0: before any sample
  };
  using Names = std::unordered_map<std::uint64_t, Bound>;  // by address

  // For who goes on from what the functions consist of. Notes what was collected so far, whenever
  // that was last done.
  void look(memory::Memory& memory) { look(memory, now_()); }
  // Of those of the heap, by their bodies.
  const Names& bodies() const { return bodies_; }

  // The same. Reads what is bound if that is due, or if
  // something is not known and it was not just read.
  void follow(memory::Memory& memory, bool misses_something);
  // Of those in an arena, too, by their bodies: as long as no function was seen to have moved.
  const Names& texts() const { return texts_; }
  // When that was read, in the clock's time.
  std::uint64_t read_ns() const { return rebuilt_ns_; }
  // When a collection was seen last, or that a function had moved, or 0.
  std::uint64_t changed_ns() const { return std::max(collected_ns_, moved_ns_); }
  // Whether something that has been known since then was that when a sample was taken.
  bool is_sure(std::uint64_t since_ns) const;
  // Whether nothing was collected since a sample was taken, as far as we have looked.
  bool is_quiet() const { return is_quiet(now_()); }

 private:
  struct Object {
    std::uint64_t flags = 0;
    std::uint64_t builtin = 0;
    std::uint64_t body = 0;
  };
  // How far these are in an object.
  struct Places {
    std::uint64_t flags = 0;
    std::uint64_t builtin = 0;
    std::uint64_t body = 0;

    std::uint64_t end() const;
  };
  RootFunctions(const RootPaths& root, Layout fields, std::uint64_t load_bias, Places places,
                Clock now)
      : root_(root), fields_(std::move(fields), load_bias), places_(places), now_(std::move(now)) {}

  void look(memory::Memory& memory, std::uint64_t now_ns);
  void look_for_moves(memory::Memory& memory, std::uint64_t now_ns);
  void rebuild(memory::Memory& memory, std::uint64_t now_ns);
  static std::optional<std::vector<std::uint64_t>> read_words(memory::Memory& memory,
                                                              std::uint64_t address,
                                                              std::size_t count);
  std::vector<std::optional<Object>> read_objects(
      memory::Memory& memory, const std::vector<std::uint64_t>& addresses) const;
  std::uint64_t number(const char* path) const;
  static bool is_function(const Object& object);
  static bool is_lasting(const Object& object);
  static void bind(Names& names, const Names& before, std::uint64_t address,
                   const std::string& name, std::uint64_t now_ns);
  bool is_quiet(std::uint64_t now_ns) const;

  const RootPaths& root_;
  FieldReader fields_;
  Places places_;
  Clock now_;
  Names functions_;                           // by the function object
  Names bodies_;                              // the same by its body, which copies of it share
  Names texts_;                               // by the body, of arenas too
  std::vector<std::uint64_t> values_;         // what was bound when it was read
  std::vector<std::size_t> bound_functions_;  // where functions without code are in there
  std::uint64_t values_at_ = 0;
  std::uint64_t moved_ns_ = 0;  // when we last saw that one of them had moved; 0: never
  std::unordered_set<std::uint64_t> own_objects_;  // of the runtime's own functions
  std::unordered_set<std::uint64_t> own_code_;
  std::uint64_t looked_ns_ = 0;
  std::uint64_t rebuilt_ns_ = 0;
  std::optional<std::uint64_t> collections_;
  std::uint64_t collected_ns_ = 0;  // when we last saw that there had been one; 0: never
};

}  // namespace state::valkyria
