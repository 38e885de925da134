#include "probe/endpoint_readings.h"

#include "probe/function_probes.h"
#include "probe/text.h"

namespace probe {
EndpointNames::EndpointNames(const NameEntries& entries)
    : other_{"other", "other", "", ""}, only_{std::string(kOnlySystem), "", "", ""} {
  for (const auto& [key, names] : entries) {
    names_.emplace(key_of(key),
                   EndpointName{text_of(names.system), text_of(names.host),
                                std::to_string(key.port), key.tls != 0 ? "https" : "http"});
  }
}

const EndpointName* EndpointNames::find(const valk_endpoint& key) const {
  if (key.system == VALK_OTHER_ID && key.server == VALK_OTHER_ID) return &other_;
  if (key.system == VALK_ONLY_SYSTEM) return &only_;
  const auto found = names_.find(key_of(key));
  return found == names_.end() ? nullptr : &found->second;
}

EndpointNames::Key EndpointNames::key_of(const valk_endpoint& endpoint) {
  return {endpoint.system, endpoint.server, endpoint.slot, endpoint.port, endpoint.tls};
}

}  // namespace probe
