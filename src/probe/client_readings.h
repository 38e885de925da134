// Group client: map entries to metrics.
#pragma once

#include <valkyria/abi/client.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "model/snapshot.h"
#include "probe/attachment.h"

namespace probe {

using ClientEntries = std::vector<std::pair<valk_client_key, valk_client>>;
using ClientNameEntries = std::vector<std::pair<valk_client_key, valk_client_names>>;

// One entry for each client of the slot that has been seen and whose names could be read; clients
// of one name and type are one.
std::vector<model::ClientMetrics> client_metrics(const ClientEntries& clients,
                                                 const ClientNameEntries& names, std::uint32_t slot,
                                                 const ProbeSet& attached);

// What is told of a client to which nothing has happened yet.
model::ClientMetrics untouched_client(const ProbeSet& attached);

}  // namespace probe
