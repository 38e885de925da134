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

bool outlives_call(const Expression& expression) {
  return std::all_of(expression.begin(), expression.end(),
                     [](const Operation& operation) { return outlives_call(operation); });
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
    if (!value || !outlives_call(*value)) return {};
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

bool is_register(std::uint8_t code) {
  return (code >= DW_OP_reg0 && code <= DW_OP_reg31) || code == DW_OP_regx;
}

// Where a variable is, as what it is worth: in memory unless that is said otherwise.
Expression value_at(Expression location) {
  if (location.empty() || !outlives_call(location)) return {};
  const bool is_value = location.back().code == DW_OP_stack_value ||
                        (location.size() == 1 && is_register(location.front().code));
  if (!is_value) location.push_back({DW_OP_deref, 0, 0});
  return location;
}

// Within a call, as the last byte of its instruction is: what is true there stays so until the
// function has returned.
Expression value_of_variable(Dwarf_Die& variable, std::uint64_t return_address) {
  Dwarf_Attribute location{};
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_attr_integrate(&variable, DW_AT_location, &location) == nullptr) return {};
  if (dwarf_getlocation_addr(&location, return_address - 1, &operations, &count, 1) != 1) return {};
  return value_at(expression_of({operations, count}).value_or(Expression()));
}

bool is_of_name(Dwarf_Die& die, std::string_view name) {
  const char* const own = dwarf_diename(&die);
  return own != nullptr && own == name;
}

// The calls within one function.
class SearchWithin {
 public:
  SearchWithin(std::string_view called, std::span<const std::string_view> variables,
               CallSite::Kind kind, std::vector<CallSite>& sites)
      : called_(called), variables_(variables), kind_(kind), sites_(sites) {}

  void look_into(Dwarf_Die function) {
    const std::size_t first = sites_.size();
    frame_base_ = expression_in(function, DW_AT_frame_base).value_or(Expression());
    add_calls(function, kMaxNesting);
    for (std::size_t i = first; i < sites_.size(); ++i) {
      set_value(sites_[i], function, kMaxNesting);
    }
  }

 private:
  void add_calls(Dwarf_Die parent, int depth) {
    Dwarf_Die child{};
    if (depth == 0 || dwarf_child(&parent, &child) != 0) return;
    do {
      const int tag = dwarf_tag(&child);
      if (tag == DW_TAG_lexical_block) add_calls(child, depth - 1);
      if (!is_call_site(tag) || !calls(child, called_)) continue;
      const auto address = return_address_of(child);
      if (address) sites_.push_back({*address, {}, frame_base_, kind_});
    } while (sites_.size() < kMaxCallSites && dwarf_siblingof(&child, &child) == 0);
  }

  // The innermost block has the say.
  void set_value(CallSite& site, Dwarf_Die parent, int depth) const {
    Dwarf_Die child{};
    if (depth == 0 || dwarf_child(&parent, &child) != 0) return;
    std::optional<Dwarf_Die> inner;
    do {
      const int tag = dwarf_tag(&child);
      if (tag == DW_TAG_lexical_block && dwarf_haspc(&child, site.return_address - 1) == 1) {
        inner = child;
      }
      if (!is_asked_for(child)) continue;
      auto value = value_of_variable(child, site.return_address);
      if (!value.empty()) site.value = std::move(value);
    } while (dwarf_siblingof(&child, &child) == 0);
    if (inner) set_value(site, *inner, depth - 1);
  }

  bool is_asked_for(Dwarf_Die& die) const {
    const int tag = dwarf_tag(&die);
    return (tag == DW_TAG_variable || tag == DW_TAG_formal_parameter) &&
           std::any_of(variables_.begin(), variables_.end(),
                       [&](std::string_view name) { return is_of_name(die, name); });
  }

  std::string_view called_;
  std::span<const std::string_view> variables_;
  CallSite::Kind kind_;
  std::vector<CallSite>& sites_;
  Expression frame_base_;
};

}  // namespace

std::vector<CallSite> find_call_sites(const DebugInformation& debug, std::string_view function,
                                      std::size_t register_number) {
  Search search(function, register_number);
  debug.index().each_unit(
      [&](const Dwarf_Die& unit) { search.look_into(unit, unit, kMaxNesting); });
  return search.take();
}

std::vector<CallSite> find_calls_within(const DebugInformation& debug, std::string_view caller,
                                        std::string_view called,
                                        std::span<const std::string_view> variables,
                                        CallSite::Kind kind) {
  std::vector<CallSite> sites;
  SearchWithin search(called, variables, kind, sites);
  debug.index().each_unit([&](const Dwarf_Die& unit) {
    Dwarf_Die parent = unit;
    Dwarf_Die child{};
    if (dwarf_child(&parent, &child) != 0) return;
    do {
      const bool is_caller = dwarf_tag(&child) == DW_TAG_subprogram && is_of_name(child, caller);
      if (is_caller && !is_declaration(child)) search.look_into(child);
    } while (sites.size() < kMaxCallSites && dwarf_siblingof(&child, &child) == 0);
  });
  return sites;
}

}  // namespace elf
