#include "elf/dwarf_index.h"

#include <dwarf.h>

#include <utility>

#include "elf/dwarf_die.h"

namespace elf {

using base::fail;
using base::Result;

DwarfIndex::DwarfIndex(DwarfFile file, std::optional<DwarfFile> alternate, std::string name)
    : name_(std::move(name)), alternate_(std::move(alternate)), file_(std::move(file)) {
  if (alternate_) {
    dwarf_setalt(file_.dwarf(), alternate_->dwarf());
    index_units(alternate_->dwarf());
  }
  index_units(file_.dwarf());
}

void DwarfIndex::index_units(Dwarf* dwarf) {
  const bool is_whole = visit_units(
      dwarf, [this](const Dwarf_Die& unit) { index_children(unit); }, split_units_);
  if (!is_whole) damage_ = dwarf_errmsg(-1);
}

void DwarfIndex::each_unit(const std::function<void(const Dwarf_Die& unit)>& look) const {
  std::size_t skeletons = 0;
  visit_units(file_.dwarf(), look, skeletons);
}

// False: libdw stopped before the end.
bool DwarfIndex::visit_units(Dwarf* dwarf, const std::function<void(const Dwarf_Die& unit)>& look,
                             std::size_t& skeletons) {
  Dwarf_CU* unit = nullptr;
  Dwarf_Half version = 0;
  std::uint8_t kind = 0;
  Dwarf_Die die{};
  int more = 0;
  // Not asked for what a skeleton stands for: libdw would open the file that it names (.dwo).
  while ((more = dwarf_get_units(dwarf, unit, &unit, &version, &kind, &die, nullptr)) == 0) {
    if (kind == DW_UT_skeleton) {
      ++skeletons;
    } else {
      look(die);
    }
  }
  return more >= 0;
}

void DwarfIndex::index_children(Dwarf_Die unit) {
  Dwarf_Die child{};
  if (dwarf_child(&unit, &child) != 0) return;
  do index(child);
  while (dwarf_siblingof(&child, &child) == 0);
}

void DwarfIndex::index(Dwarf_Die& die) {
  if (is_declaration(die)) return;
  const int tag = dwarf_tag(&die);
  Dwarf_Attribute attribute{};
  if (tag == DW_TAG_variable) {
    // The name may stand at a declaration elsewhere, the location at the definition.
    if (dwarf_attr(&die, DW_AT_location, &attribute) == nullptr) return;
    const char* name = dwarf_formstring(dwarf_attr_integrate(&die, DW_AT_name, &attribute));
    if (name != nullptr) variables_[name].push_back(die);
  } else if (tag == DW_TAG_subprogram) {
    Dwarf_Addr entry = 0;
    const char* name = dwarf_diename(&die);
    if (name != nullptr && dwarf_entrypc(&die, &entry) == 0) functions_[name].push_back(die);
  } else if (is_aggregate(tag) || tag == DW_TAG_enumeration_type || tag == DW_TAG_typedef) {
    const char* name = dwarf_diename(&die);
    // One with a signature stands for a type unit, which is in the index by itself.
    if (name != nullptr && dwarf_attr(&die, DW_AT_signature, &attribute) == nullptr) {
      types_[name].push_back(die);
    }
  }
}

Result<Dwarf_Die> DwarfIndex::only_one(const DiesByName& dies, std::string_view name,
                                       std::string_view what) const {
  const auto found = dies.find(name);
  if (found == dies.end()) return fail("{} has no {} {}", name_, what, name);
  if (found->second.size() > 1) {
    return fail("{} has {} {}s named {}", name_, found->second.size(), what, name);
  }
  return found->second.front();
}

Result<std::uint64_t> DwarfIndex::find_function(std::string_view name) const {
  auto function = only_one(functions_, name, "function");
  if (!function) return base::pass_on(function);
  Dwarf_Addr entry = 0;
  if (dwarf_entrypc(&*function, &entry) != 0) return fail("function {} has no address", name);
  return entry;
}

// A typedef of what is only declared in its unit has no size there, and is passed over.
Result<Dwarf_Die> DwarfIndex::find_type(std::string_view name) const {
  const auto found = types_.find(name);
  if (found == types_.end()) return fail("{} has no type {}", name_, name);
  const Dwarf_Die* best = nullptr;
  for (const Dwarf_Die& candidate : found->second) {
    if (!size_of(candidate)) continue;
    if (best != nullptr && size_of(*best) != size_of(candidate)) {
      return fail("type {} is defined twice, with different sizes", name);
    }
    best = &candidate;
  }
  if (best == nullptr) return fail("type {} is only declared", name);
  return *best;
}

Result<Variable> DwarfIndex::find_variable(std::string_view name) const {
  const auto found = only_one(variables_, name, "variable");
  if (!found) return base::pass_on(found);
  Variable variable{0, *found};
  auto address = fixed_address(variable.die);
  if (!address) return fail("variable {}: {}", name, address.error().message);
  variable.address = *address;
  return variable;
}

Result<Dwarf_Die> DwarfIndex::find_definition(const Dwarf_Die& declaration) const {
  Dwarf_Die wanted = declaration;
  const char* name = dwarf_diename(&wanted);
  if (name == nullptr) return fail("a type without a name is only declared");
  const auto found = types_.find(name);
  if (found == types_.end()) return fail("type {} is only declared", name);
  const Dwarf_Die* best = nullptr;
  for (const Dwarf_Die& candidate : found->second) {
    Dwarf_Die die = candidate;
    if (dwarf_tag(&die) != dwarf_tag(&wanted)) continue;
    if (die.cu == wanted.cu) return die;
    if (best != nullptr && !have_same_members(*best, die)) {
      return fail("type {} is defined twice, differently", name);
    }
    best = &candidate;
  }
  if (best == nullptr) return fail("type {} is only declared", name);
  return *best;
}

std::optional<std::string> DwarfIndex::gap() const {
  if (split_units_ > 0) {
    return "its debug information is split (-gsplit-dwarf): it stands in .dwo files, which are not "
           "read; build it with -g and without -gsplit-dwarf";
  }
  if (!damage_.empty()) return "its debug information is damaged: " + damage_;
  if (types_.empty()) {
    return "its debug information has no types (-g1 or -gline-tables-only), so nothing tells where "
           "numbers stand in memory; build it with -g";
  }
  return std::nullopt;
}

}  // namespace elf
