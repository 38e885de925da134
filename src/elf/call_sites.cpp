#include "elf/call_sites.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <algorithm>
#include <array>
#include <optional>

#include "elf/dwarf_die.h"
#include "elf/dwarf_index.h"

namespace elf {
namespace {

constexpr int kMaxNesting = 64;  // of blocks and inlined functions

// What DWARF 5 has and, before it, GNU's extension to DWARF 4.
bool is_call_site(int tag) {
  return tag == DW_TAG_call_site || tag == DW_TAG_GNU_call_site;
}
bool is_parameter(int tag) {
  return tag == DW_TAG_call_site_parameter || tag == DW_TAG_GNU_call_site_parameter;
}

bool has(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found{};
  return dwarf_attr(&die, attribute, &found) != nullptr;
}

bool calls(Dwarf_Die& site, std::string_view function) {
  Dwarf_Attribute origin{};
  Dwarf_Die called{};
  if (dwarf_attr(&site, DW_AT_call_origin, &origin) == nullptr &&
      dwarf_attr(&site, DW_AT_abstract_origin, &origin) == nullptr) {
    return false;
  }
  if (dwarf_formref_die(&origin, &called) == nullptr) return false;
  const char* const name = dwarf_diename(&called);
  return name != nullptr && name == function;
}

// None: the function does not come back there.
std::optional<std::uint64_t> return_address_of(Dwarf_Die& site) {
  Dwarf_Attribute found{};
  Dwarf_Addr address = 0;
  if (has(site, DW_AT_call_tail_call) || has(site, DW_AT_GNU_tail_call)) return std::nullopt;
  if (dwarf_attr(&site, DW_AT_call_return_pc, &found) == nullptr &&
      dwarf_attr(&site, DW_AT_low_pc, &found) == nullptr) {
    return std::nullopt;
  }
  return dwarf_formaddr(&found, &address) == 0 ? std::optional(address) : std::nullopt;
}

// libdw takes DW_AT_call_value for no expression, but the same under its older name.
std::optional<Expression> expression_in(Dwarf_Die& die, unsigned attribute) {
  Dwarf_Attribute found{};
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_attr(&die, attribute, &found) == nullptr) return std::nullopt;
  if (attribute == DW_AT_call_value) found.code = DW_AT_GNU_call_site_value;
  if (dwarf_getlocation(&found, &operations, &count) != 0) return std::nullopt;
  return expression_of({operations, count});
}

// rbx, rbp, rsp, and r12 to r15: a function leaves them as it found them.
bool is_kept(std::uint64_t register_number) {
  return register_number == 3 || register_number == 6 || register_number == kStackPointer ||
         (register_number >= 12 && register_number <= 15);
}

bool outlives_call(const Operation& operation) {
  if (operation.code >= DW_OP_reg0 && operation.code <= DW_OP_reg31) {
    return is_kept(operation.code - std::uint64_t{DW_OP_reg0});
  }
  if (operation.code >= DW_OP_breg0 && operation.code <= DW_OP_breg31) {
    return is_kept(operation.code - std::uint64_t{DW_OP_breg0});
  }
  if (operation.code == DW_OP_regx || operation.code == DW_OP_bregx) {
    return is_kept(operation.first);
  }
  return operation.code != DW_OP_entry_value && operation.code != DW_OP_GNU_entry_value;
}

Expression value_of(Dwarf_Die& site, std::size_t register_number) {
  Dwarf_Die child{};
  if (dwarf_child(&site, &child) != 0) return {};
  do {
    if (!is_parameter(dwarf_tag(&child))) continue;
    const auto place = expression_in(child, DW_AT_location);
    if (!place || place->size() != 1 || (*place)[0].code != DW_OP_reg0 + register_number) continue;
    auto value = expression_in(child, DW_AT_call_value);
    if (!value) value = expression_in(child, DW_AT_GNU_call_site_value);
    if (!value || !std::all_of(value->begin(), value->end(), outlives_call)) return {};
    return std::move(*value);
  } while (dwarf_siblingof(&child, &child) == 0);
  return {};
}

class Search {
 public:
  Search(std::string_view function, std::size_t register_number)
      : function_(function), register_number_(register_number) {}

  // `caller`: the function that `parent` is in, whose frame is the calls'.
  void look_into(Dwarf_Die parent, Dwarf_Die caller, int depth) {
    Dwarf_Die child{};
    if (depth == 0 || dwarf_child(&parent, &child) != 0) return;
    do {
      const int tag = dwarf_tag(&child);
      if (is_call_site(tag)) {
        add(child, caller);
      } else if (tag == DW_TAG_subprogram) {
        look_into(child, child, depth - 1);
      } else if (tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine ||
                 tag == DW_TAG_namespace || is_aggregate(tag)) {
        look_into(child, caller, depth - 1);
      }
    } while (sites_.size() < kMaxCallSites && dwarf_siblingof(&child, &child) == 0);
  }

  std::vector<CallSite> take() { return std::move(sites_); }

 private:
  void add(Dwarf_Die& site, Dwarf_Die& caller) {
    if (!calls(site, function_)) return;
    const auto address = return_address_of(site);
    if (!address) return;
    CallSite& added = sites_.emplace_back();
    added.return_address = *address;
    added.value = value_of(site, register_number_);
    added.frame_base = expression_in(caller, DW_AT_frame_base).value_or(Expression());
  }

  std::string_view function_;
  std::size_t register_number_;
  std::vector<CallSite> sites_;
};

}  // namespace

std::vector<CallSite> find_call_sites(const DebugInformation& debug, std::string_view function,
                                      std::size_t register_number) {
  Search search(function, register_number);
  debug.index().each_unit(
      [&](const Dwarf_Die& unit) { search.look_into(unit, unit, kMaxNesting); });
  return search.take();
}

}  // namespace elf
