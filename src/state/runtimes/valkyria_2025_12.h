// The Valkyria runtime of December 2025: a mark-and-sweep heap, one AIO system on libuv, HTTP/2
// servers, and a registry of metrics. Field names are facts of its public source, of commit
// bdbf775.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "state/layout.h"
#include "state/readings.h"

namespace state {

std::vector<std::string> valkyria_2025_12_paths();

// One of them: the use of the heap, which stands in the heap that valk_gc_malloc_collect is given.
inline constexpr const char* kValkyria202512HeapUse = "g_heap_for_signal->allocated_bytes";

std::unique_ptr<Reader> make_valkyria_2025_12_reader(Layout layout, std::uint64_t load_bias);

}  // namespace state
