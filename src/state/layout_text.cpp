#include "state/layout_text.h"

#include <array>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace state {
namespace {

using base::fail;
using base::Result;
using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

constexpr std::array<std::pair<elf::FieldKind, std::string_view>, 4> kKinds{{
    {elf::FieldKind::kUnsigned, "unsigned"},
    {elf::FieldKind::kSigned, "signed"},
    {elf::FieldKind::kPointer, "pointer"},
    {elf::FieldKind::kText, "text"},
}};

std::string_view name_of(elf::FieldKind kind) {
  for (const auto& [known, name] : kKinds) {
    if (known == kind) return name;
  }
  return "unknown";
}

elf::FieldKind kind_of(const std::string& name) {
  for (const auto& [kind, known] : kKinds) {
    if (known == name) return kind;
  }
  throw std::runtime_error("kind \"" + name + "\"");
}

Json json_of(const elf::Field& field) {
  Json repeats = Json::array();
  for (const elf::Repeat& repeat : field.repeats) repeats.push_back({repeat.stride, repeat.count});
  return {{"path", field.path},       {"address", field.address},
          {"offsets", field.offsets}, {"repeats", std::move(repeats)},
          {"size", field.size_bytes}, {"kind", name_of(field.kind)}};
}

std::uint64_t unsigned_of(const Json& json) {
  if (!json.is_number_unsigned()) throw std::runtime_error("a number that is no unsigned integer");
  return json.get<std::uint64_t>();
}

elf::Field field_of(const Json& json) {
  elf::Field field;
  field.path = json.at("path").get<std::string>();
  field.address = unsigned_of(json.at("address"));
  for (const Json& offset : json.at("offsets")) field.offsets.push_back(unsigned_of(offset));
  for (const Json& repeat : json.at("repeats")) {
    field.repeats.push_back({unsigned_of(repeat.at(0)), unsigned_of(repeat.at(1))});
  }
  field.size_bytes = unsigned_of(json.at("size"));
  field.kind = kind_of(json.at("kind").get<std::string>());
  if (!is_reasonable(field)) throw std::runtime_error("field " + field.path + " beyond all reason");
  return field;
}

// Throws what nlohmann throws, and std::runtime_error.
Layout layout_of(const Json& json) {
  if (json.at("format") != kFormat) throw std::runtime_error("another format");
  Layout layout;
  layout.name = json.at("layout").get<std::string>();
  layout.build_id = json.at("build_id").get<std::string>();
  if (json.at("fields").size() > kMaxFields || json.at("missing").size() > kMaxFields) {
    throw std::runtime_error("too many fields");
  }
  for (const Json& field : json.at("fields")) layout.fields.push_back(field_of(field));
  for (const Json& missing : json.at("missing")) {
    layout.missing.push_back(
        {missing.at("path").get<std::string>(), missing.at("reason").get<std::string>()});
  }
  return layout;
}

}  // namespace

std::string write_layout(const Layout& layout) {
  Json fields = Json::array();
  for (const elf::Field& field : layout.fields) fields.push_back(json_of(field));
  Json missing = Json::array();
  for (const MissingField& field : layout.missing) {
    missing.push_back({{"path", field.path}, {"reason", field.reason}});
  }
  const Json json = {{"format", kFormat},
                     {"layout", layout.name},
                     {"build_id", layout.build_id},
                     {"fields", std::move(fields)},
                     {"missing", std::move(missing)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Result<Layout> parse_layout(std::string_view text) {
  if (text.size() > kMaxLayoutBytes) {
    return fail("parse a layout: more than {} bytes", kMaxLayoutBytes);
  }
  try {
    return layout_of(Json::parse(text));
  } catch (const std::exception& error) {
    return fail("parse a layout: {}", error.what());
  }
}

Result<Layout> read_layout_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("read layout {}: {}", path, base::errno_text(errno));
  std::string text(kMaxLayoutBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto layout = parse_layout(text);
  if (!layout) {
    return fail("read layout {}: {} (make it by: valkyria_exporter resolve --exe DEBUGBUILD -o {})",
                path, layout.error().message, path);
  }
  return layout;
}

}  // namespace state
