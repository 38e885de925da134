// libuv: what its loops count, and where. All that we know of it stands here.
//
// libuv keeps loop metrics in a private structure behind uv_loop_t::internal_fields. Debug
// information tells where; where libuv was built apart from the runtime, without any, its begin has
// been the same from 1.45 on, and the code of one function says whether it still is.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "elf/elf_file.h"
#include "model/catalogue.h"
#include "state/field_reader.h"
#include "state/layout.h"
#include "state/readings.h"

namespace state {

// A process's libuv is in this library, or in the program itself.
inline constexpr const char* kLibuvLibrary = "libuv.so";

// Whether the file has a libuv that keeps its loop metrics where we know: by its functions' names,
// by its version where the function that tells it was not dropped, and by the offsets that stand in
// the code of uv_metrics_idle_time. Fails with the reason where not.
base::Result<void> check_libuv(const elf::ElfFile& file);

// Whether the layout has the pointer to libuv's own part of a loop, but not what stands behind it.
bool lacks_libuv_fields(const Layout& layout);

// Adds these fields as a libuv that was checked has them.
void add_libuv_fields(Layout& layout);

// Paths of the loop's counters, from those of the loop.
struct LoopPaths {
  const char* internals;  // the pointer to libuv's own part
  const char* turns;
  const char* events;
  const char* idle_ns;
  const char* waits_since_ns;  // when the wait that goes on began; 0: it works
};

// `loop` is a literal: the path of a uv_loop_t, with the arrow behind it.
#define LIBUV_LOOP_METRICS(loop) loop "internal_fields{uv__loop_internal_fields_t}->loop_metrics."
#define LIBUV_LOOP_PATHS(loop)                                                                   \
  state::LoopPaths {                                                                             \
    .internals = loop "internal_fields", .turns = LIBUV_LOOP_METRICS(loop) "metrics.loop_count", \
    .events = LIBUV_LOOP_METRICS(loop) "metrics.events",                                         \
    .idle_ns = LIBUV_LOOP_METRICS(loop) "provider_idle_time",                                    \
    .waits_since_ns = LIBUV_LOOP_METRICS(loop) "provider_entry_time"                             \
  }

void append_paths(std::vector<std::string>& paths, const LoopPaths& loop);

// How long one loop has waited, from a counter of the waits that are over and the begin of the one
// that goes on. One thread at a time.
class IdleTime {
 public:
  // Never falls. `waits_since_ns`: 0: it works. `moment` is from before the two were read, in this
  // order or at once.
  model::Count tell(model::Count idle_ns, model::Count waits_since_ns, bool may_wait,
                    Moment moment);

 private:
  std::uint64_t told_ns_ = 0;
  std::uint64_t stopped_ns_ = 0;  // of waits, in which nothing could have gone on
  model::Count stopped_at_ns_;    // it was so at the last reading
};

// The counters of one loop. One thread at a time.
class LoopCounters {
 public:
  LoopCounters(const LoopPaths& paths, const FieldReader& fields);

  // Sets what is known of the loop. `may_wait`: it is not about to be given up. `moment` is from
  // before `fields` was read.
  void fill(model::SystemMetrics& system, const FieldReader& fields, bool may_wait, Moment moment);

  // It is another loop from now on.
  void begin_anew() { idle_ = {}; }

  void append_members(std::vector<model::Member>& members) const;

 private:
  FieldHandle turns_, events_, idle_ns_, waits_since_ns_;
  IdleTime idle_;
};

}  // namespace state
