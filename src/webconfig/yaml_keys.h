// YAML that is read strictly: keys that are known, each once, with values of their kind.
//
// Within this room a fault is an exception of yaml-cpp's, which knows its line, as are those of the
// library itself. For one thread; a node is for whoever has its document.
#pragma once

#include <fmt/core.h>
#include <yaml-cpp/yaml.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace webconfig {

template <typename... Args>
[[noreturn]] void fault(const YAML::Node& where, fmt::format_string<Args...> format,
                        Args&&... args) {
  throw YAML::Exception(where.Mark(), fmt::format(format, std::forward<Args>(args)...));
}

// The value of `key`, which is named where it is of another kind. A text that is left out is empty,
// and so is a list.
std::string text_of(const YAML::Node& node, std::string_view key);
bool bool_of(const YAML::Node& node, std::string_view key);
std::vector<YAML::Node> list_of(const YAML::Node& node, std::string_view key);
std::vector<std::string> texts_of(const YAML::Node& node, std::string_view key);

using TakeEntry = std::function<void(const YAML::Node& name, const YAML::Node& value)>;

// Every entry of a map, each name once.
void each_entry(const YAML::Node& map, std::string_view section, const TakeEntry& take);

struct KnownKey {
  std::string_view name;
  std::function<void(const YAML::Node& value)> take;
};

// A map that has some of these keys and no others.
void take_keys(const YAML::Node& map, std::string_view section,
               std::initializer_list<KnownKey> keys);

}  // namespace webconfig
