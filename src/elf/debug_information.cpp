#include "elf/debug_information.h"

#include <dwarf.h>
#include <fcntl.h>

#include <utility>

#include "elf/dwarf_die.h"

namespace elf {
namespace {

using base::fail;
using base::Result;

std::string dwfl_error() {
  const char* text = dwfl_errmsg(-1);
  return text != nullptr ? text : "unknown libdw error";
}

// libdwfl asks only for modules that it was not given a file for.
int find_no_elf(Dwfl_Module*, void**, const char*, Dwarf_Addr, char**, Elf**) {
  return -1;
}

// libdwfl's question for a separate file: it gets the one that we have, by the module's user data.
int give_debug_file(Dwfl_Module*, void** user_data, const char*, Dwarf_Addr, const char*,
                    const char*, GElf_Word, char** file_name) {
  auto* const debug_file = static_cast<base::UniqueFd*>(*user_data);
  *file_name = nullptr;
  return debug_file->release();  // libdwfl's now; -1: there is none
}

}  // namespace

struct DebugInformation::Settings {
  Dwfl_Callbacks callbacks{};
  base::UniqueFd debug_file;
};

DebugInformation::DebugInformation(std::unique_ptr<Settings> settings, Handle handle,
                                   std::string name)
    : settings_(std::move(settings)), handle_(std::move(handle)), name_(std::move(name)) {}

DebugInformation::DebugInformation(DebugInformation&&) noexcept = default;
DebugInformation& DebugInformation::operator=(DebugInformation&&) noexcept = default;
DebugInformation::~DebugInformation() = default;

Result<DebugInformation> DebugInformation::open(const ElfFile& file, base::UniqueFd debug_file) {
  auto settings = std::make_unique<Settings>();
  settings->callbacks.find_elf = find_no_elf;
  settings->callbacks.find_debuginfo = give_debug_file;
  settings->callbacks.section_address = dwfl_offline_section_address;
  settings->debug_file = std::move(debug_file);
  Handle handle(dwfl_begin(&settings->callbacks));
  if (!handle) return fail("open the debug information of {}: {}", file.name(), dwfl_error());

  base::UniqueFd fd(::fcntl(file.fd(), F_DUPFD_CLOEXEC, 0));
  dwfl_report_begin(handle.get());
  Dwfl_Module* module =
      dwfl_report_elf(handle.get(), "executable", file.name().c_str(), fd.get(), 0, true);
  if (module != nullptr) fd.release();  // libdwfl's now
  dwfl_report_end(handle.get(), nullptr, nullptr);
  if (module == nullptr) {
    return fail("open the debug information of {}: {}", file.name(), dwfl_error());
  }
  void** user_data = nullptr;
  dwfl_module_info(module, &user_data, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
  *user_data = &settings->debug_file;
  Dwarf_Addr bias = 0;
  Dwarf* dwarf = dwfl_module_getdwarf(module, &bias);
  if (dwarf == nullptr) return fail("{} has no debug information ({})", file.name(), dwfl_error());
  DebugInformation information(std::move(settings), std::move(handle), file.name());
  information.bias_ = bias;
  information.index_units(dwarf);
  return information;
}

void DebugInformation::index_units(Dwarf* dwarf) {
  Dwarf_CU* unit = nullptr;
  Dwarf_Half version = 0;
  std::uint8_t kind = 0;
  Dwarf_Die die{};
  Dwarf_Die split{};
  while (dwarf_get_units(dwarf, unit, &unit, &version, &kind, &die, &split) == 0) {
    const bool is_skeleton = kind == DW_UT_skeleton;
    // A skeleton's own file (.dwo) may not be there; then its variables are unknown.
    if (is_skeleton && dwarf_tag(&split) <= 0) continue;
    index_children(is_skeleton ? split : die);
  }
}

void DebugInformation::index_children(Dwarf_Die unit) {
  Dwarf_Die child{};
  if (dwarf_child(&unit, &child) != 0) return;
  do index(child);
  while (dwarf_siblingof(&child, &child) == 0);
}

void DebugInformation::index(Dwarf_Die& die) {
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

Result<Dwarf_Die> DebugInformation::only_one(const DiesByName& dies, std::string_view name,
                                             std::string_view what) const {
  const auto found = dies.find(name);
  if (found == dies.end()) return fail("{} has no {} {}", name_, what, name);
  if (found->second.size() > 1) {
    return fail("{} has {} {}s named {}", name_, found->second.size(), what, name);
  }
  return found->second.front();
}

Result<std::uint64_t> DebugInformation::find_function(std::string_view name) const {
  auto function = only_one(functions_, name, "function");
  if (!function) return base::pass_on(function);
  Dwarf_Addr entry = 0;
  if (dwarf_entrypc(&*function, &entry) != 0) return fail("function {} has no address", name);
  return entry + bias_;
}

// A typedef of what is only declared in its unit has no size there, and is passed over.
Result<Dwarf_Die> DebugInformation::find_type(std::string_view name) const {
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

Result<Variable> DebugInformation::find_variable(std::string_view name) const {
  const auto found = only_one(variables_, name, "variable");
  if (!found) return base::pass_on(found);
  Variable variable{0, *found};
  auto address = fixed_address(variable.die);
  if (!address) return fail("variable {}: {}", name, address.error().message);
  variable.address = *address + bias_;
  return variable;
}

Result<Dwarf_Die> DebugInformation::find_definition(const Dwarf_Die& declaration) const {
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

}  // namespace elf
