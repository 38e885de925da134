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
using Ordered = nlohmann::ordered_json;  // for writing: it takes ever longer to parse many keys
using Json = nlohmann::json;

constexpr int kFormat = 1;

constexpr std::array<std::pair<elf::FieldKind, std::string_view>, 6> kKinds{{
    {elf::FieldKind::kUnsigned, "unsigned"},
    {elf::FieldKind::kSigned, "signed"},
    {elf::FieldKind::kReal, "real"},
    {elf::FieldKind::kPointer, "pointer"},
    {elf::FieldKind::kText, "text"},
    {elf::FieldKind::kPlace, "place"},
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

Ordered json_of(const elf::Field& field) {
  Ordered repeats = Ordered::array();
  for (const elf::Repeat& repeat : field.repeats) repeats.push_back({repeat.stride, repeat.count});
  return {{"path", field.path},       {"address", field.address},
          {"offsets", field.offsets}, {"repeats", std::move(repeats)},
          {"size", field.size_bytes}, {"kind", name_of(field.kind)}};
}

Ordered json_of(const elf::Expression& expression) {
  Ordered operations = Ordered::array();
  for (const elf::Operation& operation : expression) {
    operations.push_back({operation.code, operation.first, operation.second});
  }
  return operations;
}

std::string_view name_of(elf::CallSite::Kind kind) {
  switch (kind) {
    case elf::CallSite::Kind::kFunction:
      return "function";
    case elf::CallSite::Kind::kBody:
      return "body";
  }
  return "unknown";
}

elf::CallSite::Kind site_kind_of(const std::string& name) {
  for (const auto kind : {elf::CallSite::Kind::kFunction, elf::CallSite::Kind::kBody}) {
    if (name_of(kind) == name) return kind;
  }
  throw std::runtime_error("a call site of kind \"" + name + "\"");
}

Ordered json_of(const elf::CallSite& site) {
  return {{"return", site.return_address},
          {"kind", name_of(site.kind)},
          {"value", json_of(site.value)},
          {"frame_base", json_of(site.frame_base)}};
}

std::uint64_t unsigned_of(const Json& json) {
  if (!json.is_number_unsigned()) throw std::runtime_error("a number that is no unsigned integer");
  return json.get<std::uint64_t>();
}

// nlohmann iterates over numbers and objects, too.
const Json& array_at(const Json& json, const char* key) {
  const Json& array = json.at(key);
  if (!array.is_array()) throw std::runtime_error(fmt::format("\"{}\" that is no array", key));
  return array;
}

elf::Repeat repeat_of(const Json& json) {
  if (!json.is_array() || json.size() != 2) throw std::runtime_error("a repeat that is no pair");
  return {unsigned_of(json[0]), unsigned_of(json[1])};
}

elf::Field field_of(const Json& json) {
  elf::Field field;
  field.path = json.at("path").get<std::string>();
  field.address = unsigned_of(json.at("address"));
  for (const Json& offset : array_at(json, "offsets")) field.offsets.push_back(unsigned_of(offset));
  for (const Json& repeat : array_at(json, "repeats")) field.repeats.push_back(repeat_of(repeat));
  field.size_bytes = unsigned_of(json.at("size"));
  field.kind = kind_of(json.at("kind").get<std::string>());
  if (!is_reasonable(field)) throw std::runtime_error("field " + field.path + " beyond all reason");
  return field;
}

elf::Expression expression_of(const Json& json) {
  elf::Expression expression;
  for (const Json& operation : json) {
    if (!operation.is_array() || operation.size() != 3) {
      throw std::runtime_error("an operation that is no triple");
    }
    const std::uint64_t code = unsigned_of(operation[0]);
    if (code > 0xff) throw std::runtime_error("an operation that no expression has");
    expression.push_back(
        {static_cast<std::uint8_t>(code), unsigned_of(operation[1]), unsigned_of(operation[2])});
  }
  return expression;
}

elf::CallSite call_site_of(const Json& json) {
  elf::CallSite site;
  site.return_address = unsigned_of(json.at("return"));
  site.kind = site_kind_of(json.at("kind").get<std::string>());
  site.value = expression_of(array_at(json, "value"));
  site.frame_base = expression_of(array_at(json, "frame_base"));
  if (!is_reasonable(site)) throw std::runtime_error("a call site beyond all reason");
  return site;
}

// Layouts of runtimes that have none say nothing of them.
std::vector<elf::CallSite> call_sites_of(const Json& json) {
  std::vector<elf::CallSite> sites;
  if (!json.contains("call_sites")) return sites;
  const Json& array = array_at(json, "call_sites");
  if (array.size() > elf::kMaxCallSites) throw std::runtime_error("too many call sites");
  for (const Json& site : array) sites.push_back(call_site_of(site));
  return sites;
}

// Throws what nlohmann throws, and std::runtime_error.
Layout layout_of(const Json& json) {
  if (json.at("format") != kFormat) throw std::runtime_error("another format");
  Layout layout;
  layout.name = json.at("layout").get<std::string>();
  layout.build_id = json.at("build_id").get<std::string>();
  const Json& fields = array_at(json, "fields");
  const Json& missing_fields = array_at(json, "missing");
  if (fields.size() > kMaxFields || missing_fields.size() > kMaxFields) {
    throw std::runtime_error("too many fields");
  }
  for (const Json& field : fields) layout.fields.push_back(field_of(field));
  for (const Json& missing : missing_fields) {
    layout.missing.push_back(
        {missing.at("path").get<std::string>(), missing.at("reason").get<std::string>()});
  }
  layout.call_sites = call_sites_of(json);
  return layout;
}

}  // namespace

std::string write_layout(const Layout& layout) {
  Ordered fields = Ordered::array();
  for (const elf::Field& field : layout.fields) fields.push_back(json_of(field));
  Ordered missing = Ordered::array();
  for (const MissingField& field : layout.missing) {
    missing.push_back({{"path", field.path}, {"reason", field.reason}});
  }
  Ordered json = {{"format", kFormat},
                  {"layout", layout.name},
                  {"build_id", layout.build_id},
                  {"fields", std::move(fields)},
                  {"missing", std::move(missing)}};
  for (const elf::CallSite& site : layout.call_sites) json["call_sites"].push_back(json_of(site));
  return json.dump(1, ' ', false, Ordered::error_handler_t::replace) + '\n';
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
