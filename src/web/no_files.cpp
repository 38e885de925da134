// In place of what build.mjs makes, where the pages are not built: VALKYRIA_DASHBOARD=OFF.
#include "web/files.h"
#include "web/flame_template.h"

namespace web {

std::span<const File> files() {
  return {};
}

FlameTemplate flame_template() {
  return {};
}

}  // namespace web
