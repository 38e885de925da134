#include "elf/field_resolver.h"

#include <dwarf.h>

#include <optional>
#include <string>
#include <utility>

#include "elf/dwarf_die.h"
#include "elf/dwarf_index.h"
#include "elf/field_path.h"

namespace elf {
namespace {

using base::fail;
using base::Result;

constexpr int kMaxLinks = 64;  // typedefs, qualifiers and declarations before a type
constexpr std::uint64_t kMaxIndexOfPointed = 1'000'000;
constexpr int kMaxNesting = 16;  // anonymous structures in each other

Result<Dwarf_Die> type_of(const Dwarf_Die& die) {
  Dwarf_Die asked = die;
  Dwarf_Attribute attribute{};
  Dwarf_Die type{};
  if (dwarf_attr_integrate(&asked, DW_AT_type, &attribute) == nullptr ||
      dwarf_formref_die(&attribute, &type) == nullptr) {
    return fail("it has no type");
  }
  return type;
}

struct Member {
  std::uint64_t offset = 0;
  Dwarf_Die die{};
};

std::string text_of(const PathStep& step) {
  switch (step.kind) {
    case PathStep::Kind::kMember:
      return "." + step.name;
    case PathStep::Kind::kArrow:
      return "->" + step.name;
    case PathStep::Kind::kIndex:
      return fmt::format("[{}]", step.index);
    case PathStep::Kind::kEach:
      return "[]";
    case PathStep::Kind::kCast:
      return "{" + step.name + "}";
  }
  return {};
}

// Walks along a path, from type to type.
class Walk {
 public:
  Walk(const DwarfIndex& information, std::string_view path, std::uint64_t address)
      : information_(information) {
    field_.path = path;
    field_.address = address;
  }

  // From the root, which has this type, to the end of the path.
  Result<Field> go(const Dwarf_Die& root_type, const FieldPath& path) {
    std::string at = path.name;
    if (auto begun = enter(root_type); !begun) return fail("{}: {}", at, begun.error().message);
    for (const PathStep& step : path.steps) {
      if (auto taken = take(step); !taken) return fail("{}: {}", at, taken.error().message);
      at += text_of(step);
    }
    auto field = finish();
    if (!field) return fail("{}: {}", at, field.error().message);
    return field;
  }

 private:
  Result<void> take(const PathStep& step) {
    switch (step.kind) {
      case PathStep::Kind::kMember:
        return take_member(step.name);
      case PathStep::Kind::kArrow:
        if (auto followed = follow(); !followed) return followed;
        return take_member(step.name);
      case PathStep::Kind::kIndex:
        return take_index(step.index);
      case PathStep::Kind::kEach:
        return take_each();
      case PathStep::Kind::kCast:
        return take_cast(step.name);
    }
    return {};
  }

  Result<Field> finish() {
    field_.offsets.push_back(offset_);
    if (auto set = set_kind(); !set) return base::pass_on(set);
    return std::move(field_);
  }

  // The type itself, behind typedefs, qualifiers and declarations.
  Result<Dwarf_Die> strip(Dwarf_Die type) const {
    for (int i = 0; i < kMaxLinks; ++i) {
      Dwarf_Die peeled{};
      if (dwarf_peel_type(&type, &peeled) != 0) return fail("its type is incomplete");
      Dwarf_Attribute attribute{};
      Dwarf_Die unit_type{};
      if (dwarf_attr(&peeled, DW_AT_signature, &attribute) != nullptr &&
          dwarf_formref_die(&attribute, &unit_type) != nullptr) {
        type = unit_type;
        continue;
      }
      if (!is_declaration(peeled)) return peeled;
      const auto definition = information_.find_definition(peeled);
      if (!definition) return base::pass_on(definition);
      type = *definition;
    }
    return fail("its type never ends");
  }

  Result<void> enter(const Result<Dwarf_Die>& type) {
    if (!type) return base::pass_on(type);
    const auto stripped = strip(*type);
    if (!stripped) return base::pass_on(stripped);
    type_ = *stripped;
    return {};
  }

  int tag() { return dwarf_tag(&type_); }

  Result<void> take_member(const std::string& name) {
    if (!is_aggregate(tag())) return fail("not a structure, so it has no member {}", name);
    const auto member = find_member(type_, name, kMaxNesting);
    if (!member) return base::pass_on(member);
    if (!*member) return fail("no member {}", name);
    offset_ += (*member)->offset;
    return enter(type_of((*member)->die));
  }

  // Looks into anonymous members too, as C does.
  Result<std::optional<Member>> find_member(Dwarf_Die aggregate, const std::string& name,
                                            int depth) const {
    Dwarf_Die child{};
    if (depth == 0 || dwarf_child(&aggregate, &child) != 0) return std::nullopt;
    do {
      if (dwarf_tag(&child) != DW_TAG_member) continue;
      const char* const own_name = dwarf_diename(&child);
      if (own_name != nullptr && name != own_name) continue;
      const auto offset = member_offset(child);
      if (!offset) return fail("member {}: {}", name, offset.error().message);
      if (own_name != nullptr) return Member{*offset, child};
      const auto type = type_of(child);
      const auto inner_type = type ? strip(*type) : type;
      if (!inner_type) continue;
      auto inner = find_member(*inner_type, name, depth - 1);
      if (!inner) return inner;
      if (*inner) {
        (*inner)->offset += *offset;
        return inner;
      }
    } while (dwarf_siblingof(&child, &child) == 0);
    return std::nullopt;
  }

  Result<void> follow() {
    if (tag() != DW_TAG_pointer_type) return fail("not a pointer, so -> can't follow it");
    if (!field_.repeats.empty()) return fail("a pointer can't be followed for each element");
    field_.offsets.push_back(offset_);
    offset_ = 0;
    if (cast_) return enter(*std::exchange(cast_, std::nullopt));
    return enter(type_of(type_));
  }

  Result<void> take_cast(const std::string& name) {
    if (tag() != DW_TAG_pointer_type) return fail("not a pointer, so {{}} can't turn it into one");
    const auto type = information_.find_type(name);
    if (!type) return base::pass_on(type);
    cast_ = *type;
    return {};
  }

  // The number of elements of the array that the walk stands at, which has one dimension.
  Result<std::uint64_t> length() {
    if (tag() != DW_TAG_array_type) return fail("not an array");
    std::optional<std::uint64_t> count;
    Dwarf_Die child{};
    if (dwarf_child(&type_, &child) != 0) return fail("an array without bounds");
    int dimensions = 0;
    do {
      if (dwarf_tag(&child) != DW_TAG_subrange_type) continue;
      ++dimensions;
      count = number_of(child, DW_AT_count);
      const auto last = number_of(child, DW_AT_upper_bound);
      if (!count && last) count = *last + 1;
    } while (dwarf_siblingof(&child, &child) == 0);
    if (dimensions != 1) return fail("an array of {} dimensions", dimensions);
    if (!count) return fail("an array without bounds");
    return *count;
  }

  // Enters the element type and tells its size.
  Result<std::uint64_t> enter_element() {
    if (auto entered = enter(type_of(type_)); !entered) return base::pass_on(entered);
    const auto size = size_of(type_);
    if (!size) return fail("elements of unknown size");
    return *size;
  }

  // Of a pointer, too: then nobody knows how many there are.
  Result<void> take_index(std::uint64_t index) {
    if (tag() == DW_TAG_pointer_type) return take_index_of_pointed(index);
    const auto count = length();
    if (!count) return base::pass_on(count);
    if (index >= *count) return fail("no element {}: there are {}", index, *count);
    const auto stride = enter_element();
    if (!stride) return base::pass_on(stride);
    offset_ += index * *stride;
    return {};
  }

  Result<void> take_index_of_pointed(std::uint64_t index) {
    if (auto followed = follow(); !followed) return followed;
    const auto stride = size_of(type_);
    if (!stride) return fail("elements of unknown size");
    if (index > kMaxIndexOfPointed || *stride > kMaxIndexOfPointed) {
      return fail("element {} is too far away", index);
    }
    offset_ += index * *stride;
    return {};
  }

  Result<void> take_each() {
    const auto count = length();
    if (!count) return base::pass_on(count);
    const auto stride = enter_element();
    if (!stride) return base::pass_on(stride);
    field_.repeats.push_back({*stride, *count});
    return {};
  }

  Result<void> set_kind() {
    switch (tag()) {
      case DW_TAG_pointer_type:
        field_.kind = FieldKind::kPointer;
        return set_size();
      case DW_TAG_enumeration_type:
        field_.kind = FieldKind::kUnsigned;
        return set_size();
      case DW_TAG_base_type:
        return set_number_kind();
      case DW_TAG_array_type:
        return set_text_kind();
      default:
        return fail("a structure is no number: add a member");
    }
  }

  Result<void> set_size() {
    const auto size = size_of(type_);
    if (!size) return fail("it has no size");
    if (*size > sizeof(std::uint64_t)) return fail("it has more than 8 bytes");
    field_.size_bytes = *size;
    return {};
  }

  Result<void> set_number_kind() {
    const auto encoding = number_of(type_, DW_AT_encoding);
    if (encoding == DW_ATE_float) {
      field_.kind = FieldKind::kReal;
      return set_real_size();
    }
    if (encoding == DW_ATE_signed || encoding == DW_ATE_signed_char) {
      field_.kind = FieldKind::kSigned;
    } else if (encoding == DW_ATE_unsigned || encoding == DW_ATE_unsigned_char ||
               encoding == DW_ATE_boolean) {
      field_.kind = FieldKind::kUnsigned;
    } else {
      return fail("it is no number that we know");
    }
    return set_size();
  }

  // Long double and half precision are other formats, whatever their sizes.
  Result<void> set_real_size() {
    if (auto set = set_size(); !set) return set;
    if (field_.size_bytes != sizeof(float) && field_.size_bytes != sizeof(double)) {
      return fail("a real number of {} bytes", field_.size_bytes);
    }
    return {};
  }

  // Of an array. One of other things of one byte, such as bool, is no text.
  Result<void> set_text_kind() {
    const auto count = length();
    if (!count) return base::pass_on(count);
    if (auto entered = enter(type_of(type_)); !entered) return entered;
    const auto encoding = number_of(type_, DW_AT_encoding);
    const bool is_char = encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char;
    if (!is_char || size_of(type_) != 1) return fail("an array is no number: add [] or an index");
    field_.kind = FieldKind::kText;
    field_.size_bytes = *count;
    return {};
  }

  const DwarfIndex& information_;
  Field field_;
  Dwarf_Die type_{};
  std::optional<Dwarf_Die> cast_;  // what the pointer that the walk stands at is taken to point to
  std::uint64_t offset_ = 0;
};

Result<Field> resolve_place(const DwarfIndex& information, std::string_view path,
                            const FieldPath& parsed) {
  if (parsed.root == FieldPath::Root::kFunction) {
    const auto address = information.find_function(parsed.name);
    if (!address) return base::pass_on(address);
    return Field{std::string(path), *address, {0}, {}, 1, FieldKind::kPlace};
  }
  const auto type = information.find_type(parsed.name);
  if (!type) return base::pass_on(type);
  Walk walk(information, path, 0);
  auto field = walk.go(*type, parsed);
  if (!field) return field;
  if (field->offsets.size() > 1 || !field->repeats.empty()) {
    return fail("{}: a place in a type has no pointers and no [] before it", path);
  }
  field->kind = FieldKind::kPlace;
  return field;
}

}  // namespace

Result<Field> resolve_field(const DebugInformation& debug, std::string_view path) {
  const DwarfIndex& information = debug.index();
  const auto parsed = parse_field_path(path);
  if (!parsed) return base::pass_on(parsed);
  if (parsed->root != FieldPath::Root::kVariable) {
    return resolve_place(information, path, *parsed);
  }
  const auto variable = information.find_variable(parsed->name);
  if (!variable) return base::pass_on(variable);
  const auto type = type_of(variable->die);
  if (!type) return fail("{}: {}", parsed->name, type.error().message);
  return Walk(information, path, variable->address).go(*type, *parsed);
}

}  // namespace elf
