#include "elf/dwarf_die.h"

#include <dwarf.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace elf {
namespace {

using base::fail;
using base::Result;

bool is_thread_local(const Dwarf_Op* operations, std::size_t count) {
  return std::any_of(operations, operations + count, [](const Dwarf_Op& operation) {
    return operation.atom == DW_OP_form_tls_address || operation.atom == DW_OP_GNU_push_tls_address;
  });
}

}  // namespace

bool is_aggregate(int tag) {
  return tag == DW_TAG_structure_type || tag == DW_TAG_union_type || tag == DW_TAG_class_type;
}

bool have_same_members(const Dwarf_Die& a, const Dwarf_Die& b) {
  if (size_of(a) != size_of(b)) return false;
  const auto members_of = [](Dwarf_Die type) {
    std::vector<std::pair<std::string, std::optional<std::uint64_t>>> members;
    Dwarf_Die child{};
    if (dwarf_child(&type, &child) != 0) return members;
    do {
      const char* const name = dwarf_diename(&child);
      members.emplace_back(name != nullptr ? name : "",
                           number_of(child, DW_AT_data_member_location));
    } while (dwarf_siblingof(&child, &child) == 0);
    return members;
  };
  return members_of(a) == members_of(b);
}

bool is_declaration(const Dwarf_Die& die) {
  Dwarf_Die asked = die;
  Dwarf_Attribute attribute{};
  bool declared = false;
  return dwarf_attr(&asked, DW_AT_declaration, &attribute) != nullptr &&
         dwarf_formflag(&attribute, &declared) == 0 && declared;
}

std::optional<std::uint64_t> number_of(const Dwarf_Die& die, unsigned attribute) {
  Dwarf_Die asked = die;
  Dwarf_Attribute found{};
  Dwarf_Word number = 0;
  if (dwarf_attr_integrate(&asked, attribute, &found) == nullptr) return std::nullopt;
  if (dwarf_formudata(&found, &number) != 0) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> size_of(const Dwarf_Die& type) {
  Dwarf_Die asked = type;
  Dwarf_Word size = 0;
  if (dwarf_aggregate_size(&asked, &size) != 0) return std::nullopt;
  return size;
}

Result<std::uint64_t> fixed_address(const Dwarf_Die& variable) {
  Dwarf_Die asked = variable;
  Dwarf_Attribute location{};
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_attr(&asked, DW_AT_location, &location) == nullptr ||
      dwarf_getlocation(&location, &operations, &count) != 0 || count == 0) {
    return fail("it was optimised away");
  }
  if (is_thread_local(operations, count)) return fail("each thread has its own");
  if (count != 1) return fail("it was split or optimised away");
  if (operations->atom == DW_OP_addr) return operations->number;
  // clang keeps addresses in a table.
  Dwarf_Attribute indexed{};
  Dwarf_Addr address = 0;
  if ((operations->atom == DW_OP_addrx || operations->atom == DW_OP_GNU_addr_index) &&
      dwarf_getlocation_attr(&location, operations, &indexed) == 0 &&
      dwarf_formaddr(&indexed, &address) == 0) {
    return address;
  }
  return fail("it has no fixed address");
}

Result<std::uint64_t> member_offset(const Dwarf_Die& member) {
  Dwarf_Die asked = member;
  Dwarf_Attribute attribute{};
  if (dwarf_attr(&asked, DW_AT_bit_size, &attribute) != nullptr) {
    return fail("it is a bit-field");
  }
  // Members of a union have none.
  if (dwarf_attr(&asked, DW_AT_data_member_location, &attribute) == nullptr) return 0;
  Dwarf_Word offset = 0;
  if (dwarf_formudata(&attribute, &offset) == 0) return offset;
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  if (dwarf_getlocation(&attribute, &operations, &count) == 0 && count == 1 &&
      operations->atom == DW_OP_plus_uconst) {
    return operations->number;
  }
  return fail("its place must be computed");
}

std::optional<Expression> expression_of(std::span<const Dwarf_Op> operations) {
  if (operations.empty() || operations.size() > kMaxOperations) return std::nullopt;
  Expression expression;
  for (const Dwarf_Op& operation : operations) {
    expression.push_back({operation.atom, operation.number, operation.number2});
  }
  return expression;
}

}  // namespace elf
