#include "expose/kept_profiles_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace expose {

std::string write_kept_profiles_json(const model::KeptProfiles& kept) {
  using Json = nlohmann::ordered_json;
  Json profiles = Json::array();
  for (const auto& profile : kept) {
    profiles.push_back({{"id", profile->id},
                        {"process", base::valid_utf8(profile->process)},
                        {"pid", profile->pid},
                        {"unix_ms", profile->unix_ms},
                        {"seconds", static_cast<double>(profile->duration_ms) / 1'000},
                        {"samples", profile->samples},
                        {"bytes", profile->files.bytes()},
                        {"pprof", fmt::format("/debug/profiles/{}/pprof", profile->id)},
                        {"flamegraph", fmt::format("/debug/profiles/{}/flamegraph", profile->id)}});
  }
  const Json document = {{"profiles", std::move(profiles)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace expose
