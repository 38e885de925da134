// The flame graph's page without its data, made of src/web/flame/ by build.mjs.
#pragma once

#include <string_view>

namespace web {

// All empty in a build without the pages.
struct FlameTemplate {
  std::string_view before_data;  // HTML up to where its JSON belongs
  std::string_view after_data;
  std::string_view policy;  // the Content-Security-Policy that lets its script and style run
};

FlameTemplate flame_template();

}  // namespace web
