// A JSON document as text without spaces. Bytes that are no UTF-8 become U+FFFD: names come from
// strangers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace expose {

std::string json_text(const nlohmann::ordered_json& json);

}  // namespace expose
