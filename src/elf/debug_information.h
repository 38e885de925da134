// The DWARF debug information of an executable, from the file itself or from the separate file that
// has its build id.
#pragma once

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/owned.h"
#include "base/result.h"
#include "elf/elf_file.h"

namespace elf {

// A variable with one fixed address.
struct Variable {
  std::uint64_t address = 0;  // as linked
  Dwarf_Die die{};
};

// Owns libdw's view of the file; a Dwarf_Die that it gives lives as long. libdw is not made for
// hostile files: use this in a process that may crash or hang (agent/layout_resolution.h).
class DebugInformation {
 public:
  // Of the file itself, or else of `debug_file` (debug_file.h), if there is one. Opens no other
  // file but what split debug information names (.dwo), and never asks the network. Fails when
  // there is no debug information.
  static base::Result<DebugInformation> open(const ElfFile& file, base::UniqueFd debug_file);
  DebugInformation(DebugInformation&&) noexcept;
  DebugInformation& operator=(DebugInformation&&) noexcept;
  ~DebugInformation();

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

 private:
  struct Settings;  // what libdwfl points into while it is open
  using Handle = base::Owned<Dwfl, dwfl_end>;
  using DiesByName = std::unordered_map<std::string_view, std::vector<Dwarf_Die>>;

  DebugInformation(std::unique_ptr<Settings> settings, Handle handle, std::string name);

  void index_units(Dwarf* dwarf);
  void index_children(Dwarf_Die unit);
  void index(Dwarf_Die& die);
  base::Result<Dwarf_Die> only_one(const DiesByName& dies, std::string_view name,
                                   std::string_view what) const;

  std::unique_ptr<Settings> settings_;
  Handle handle_;
  std::string name_;
  std::uint64_t bias_ = 0;
  DiesByName variables_;
  DiesByName functions_;
  DiesByName types_;
};

}  // namespace elf
