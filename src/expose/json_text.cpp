// SPDX-License-Identifier: BSD-2-Clause
#include "expose/json_text.h"

namespace expose {

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace expose
