#include "webconfig/yaml_keys.h"

#include <algorithm>
#include <set>

namespace webconfig {

using YAML::Node;

std::string text_of(const Node& node, std::string_view key) {
  if (node.IsNull()) return "";
  if (!node.IsScalar()) fault(node, "{}: a text is expected", key);
  return node.Scalar();
}

bool bool_of(const Node& node, std::string_view key) {
  bool value = false;
  if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)) {
    fault(node, "{}: true or false is expected", key);
  }
  return value;
}

std::vector<Node> list_of(const Node& node, std::string_view key) {
  if (node.IsNull()) return {};
  if (!node.IsSequence()) fault(node, "{}: a list is expected", key);
  return {node.begin(), node.end()};
}

std::vector<std::string> texts_of(const Node& node, std::string_view key) {
  std::vector<std::string> all;
  for (const Node& one : list_of(node, key)) all.push_back(text_of(one, key));
  return all;
}

void each_entry(const Node& map, std::string_view section, const TakeEntry& take) {
  if (map.IsNull()) return;
  if (!map.IsMap()) fault(map, "{}: keys with values are expected", section);
  std::set<std::string> seen;
  for (const auto& entry : map) {
    if (!entry.first.IsScalar()) fault(entry.first, "{}: a key that is no text", section);
    if (!seen.insert(entry.first.Scalar()).second) {
      fault(entry.first, "{}: \"{}\" stands there twice", section, entry.first.Scalar());
    }
    take(entry.first, entry.second);
  }
}

void take_keys(const Node& map, std::string_view section, std::initializer_list<KnownKey> keys) {
  each_entry(map, section, [&](const Node& name, const Node& value) {
    const auto* const key = std::find_if(keys.begin(), keys.end(), [&](const KnownKey& known) {
      return known.name == name.Scalar();
    });
    if (key != keys.end()) return key->take(value);
    std::string known;
    for (const KnownKey& one : keys) known += (known.empty() ? "" : ", ") + std::string(one.name);
    fault(name, "{}: unknown key \"{}\" (known: {})", section, name.Scalar(), known);
  });
}

}  // namespace webconfig
