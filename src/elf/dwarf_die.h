// Questions to single entries of DWARF debug information.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "elf/unwind_row.h"

namespace elf {

// Structures, unions and classes: what has members.
bool is_aggregate(int tag);

// Only declared here, defined elsewhere or nowhere.
bool is_declaration(const Dwarf_Die& die);

// An unsigned constant, where the entry has this attribute as one.
std::optional<std::uint64_t> number_of(const Dwarf_Die& die, unsigned attribute);

// What an object of this type occupies, in bytes.
std::optional<std::uint64_t> size_of(const Dwarf_Die& type);

// Whether two aggregates have the same size and, by name and place, the same members.
bool have_same_members(const Dwarf_Die& a, const Dwarf_Die& b);

// The address of a variable, without any load bias. Fails when its location is not one address.
base::Result<std::uint64_t> fixed_address(const Dwarf_Die& variable);

// Where a member begins in its aggregate, in bytes. Fails for locations that must be computed, and
// for bit-fields.
base::Result<std::uint64_t> member_offset(const Dwarf_Die& member);

// Real expressions have some ten operations. None: it has none, or too many.
inline constexpr std::size_t kMaxOperations = 64;
std::optional<Expression> expression_of(std::span<const Dwarf_Op> operations);

}  // namespace elf
