// What debug information has by name. For this room only, since it shows libdw.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "elf/dwarf_file.h"

namespace elf {

// A variable with one fixed address.
struct Variable {
  std::uint64_t address = 0;  // as linked
  Dwarf_Die die{};
};

// Owns the files; a Dwarf_Die that it gives lives as long.
class DwarfIndex {
 public:
  // `alternate` is what dwz took out of `file`, if it did. `name` is for messages.
  DwarfIndex(DwarfFile file, std::optional<DwarfFile> alternate, std::string name);

  // The variable of this name at file scope. Fails when there is none, when there are several, or
  // when it has no fixed address (thread-local, optimised away).
  base::Result<Variable> find_variable(std::string_view name) const;

  // The function of this name, inlined or not, by its first instruction. Fails when there is none
  // or several, or when all of it was inlined.
  base::Result<std::uint64_t> find_function(std::string_view name) const;

  // The type of this name. Fails when there is none, or several of different sizes.
  base::Result<Dwarf_Die> find_type(std::string_view name) const;

  // The definition of a structure, union or enumeration with this name and DWARF tag, from
  // the unit of `declaration` if that has one. Fails when there is none, or several that
  // differ.
  base::Result<Dwarf_Die> find_definition(const Dwarf_Die& declaration) const;

  // Each unit of the file that is no skeleton of a split one.
  void each_unit(const std::function<void(const Dwarf_Die& unit)>& look) const;

  // As DebugInformation::gap().
  std::optional<std::string> gap() const;

 private:
  using DiesByName = std::unordered_map<std::string_view, std::vector<Dwarf_Die>>;

  void index_units(Dwarf* dwarf);
  static bool visit_units(Dwarf* dwarf, const std::function<void(const Dwarf_Die& unit)>& look,
                          std::size_t& skeletons);
  void index_children(Dwarf_Die unit);
  void index(Dwarf_Die& die);
  base::Result<Dwarf_Die> only_one(const DiesByName& dies, std::string_view name,
                                   std::string_view what) const;

  std::string name_;
  std::optional<DwarfFile> alternate_;  // before file_, which looks into it until it is gone
  DwarfFile file_;
  DiesByName variables_;
  DiesByName functions_;
  DiesByName types_;
  std::size_t split_units_ = 0;
  std::string damage_;  // what libdw said where it stopped; empty: it came to the end
};

}  // namespace elf
