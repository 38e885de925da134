#include "expose/kept_profiles_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/utf8.h"
#include "expose/json_text.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const model::KeptProfile& profile) {
  return {{"id", profile.id},
          {"process", base::valid_utf8(profile.process)},
          {"pid", profile.pid},
          {"unix_ms", profile.unix_ms},
          {"seconds", static_cast<double>(profile.duration_ms) / 1'000},
          {"samples", profile.samples},
          {"bytes", profile.files.bytes()},
          {"pprof", fmt::format("/debug/profiles/{}/pprof", profile.id)},
          {"flamegraph", fmt::format("/debug/profiles/{}/flamegraph", profile.id)}};
}

std::string line_of(const Json& json) {
  return json_text(json) + '\n';
}

}  // namespace

std::string write_kept_profiles_json(const model::KeptProfiles& kept) {
  Json profiles = Json::array();
  for (const auto& profile : kept) profiles.push_back(json_of(*profile));
  return line_of({{"profiles", std::move(profiles)}});
}

std::string write_kept_profile_json(const model::KeptProfile& kept) {
  return line_of(json_of(kept));
}

}  // namespace expose
