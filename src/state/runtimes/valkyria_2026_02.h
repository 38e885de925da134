// The Valkyria runtime of February 2026: a heap of size classes that all threads collect together,
// AIO systems on libuv, HTTP/2 servers, and a registry of metrics. Field names are facts of its
// public source, of commit aeefe9e.
//
// It can run several AIO systems, but calls each of them "main", and what it counts for one of them
// stands in the registry under that name, for all of them. So systems of one name are one system
// here: the registry's numbers as they are, and the sum of what each has for itself (its loop, its
// pools, its connections). Of one that stops the pools and connections are left out, since it frees
// them; its loop's counters stay in the sums, which thus never fall. When the whole runtime ends it
// frees the loops too, and they are absent.
//
// Absent, since the runtime never writes them or has no such thing: queue_depth, pending_requests,
// pending_responses, clients_count, the connection pool, everything of named clients.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "state/layout.h"
#include "state/readings.h"

namespace state {

std::vector<std::string> valkyria_2026_02_paths();

std::unique_ptr<Reader> make_valkyria_2026_02_reader(Layout layout, std::uint64_t load_bias);

}  // namespace state
