// A runtime's reader, whatever stands in the target's memory, up to what is served of that. The
// layout is that of our puppet of the runtime. The input is two bytes (which piece, and which call,
// can't be read), the time, and then what is read, in that order (memory.h).
#include <fcntl.h>
#include <time.h>

#include <cmath>

#include "elf/debug_information.h"
#include "fuzz/bytes.h"
#include "fuzz/exposition.h"
#include "fuzz/memory.h"
#include "fuzz/require.h"
#include "state/field_reader.h"
#include "state/known_layouts.h"

// Readers wait before they read again what was torn. Nothing changes meanwhile here.
extern "C" int nanosleep(const timespec* /*requested*/, timespec* /*rest*/) {
  return 0;
}

namespace {

using fuzz::require;

constexpr std::uint64_t kLoadBias = 0x5555'5555'4000;  // of a program whose place is not random
constexpr std::size_t kHeadBytes = 10;
constexpr std::uint64_t kMostParts = 1'024;

template <typename T>
T value_of(base::Result<T> result) {
  require(result.has_value(), result ? "" : result.error().message);
  return std::move(*result);
}

const state::Layout& layout() {
  static const state::Layout resolved = [] {
    base::UniqueFd fd(::open(VALKYRIA_PUPPET, O_RDONLY | O_CLOEXEC));
    const auto file = value_of(elf::ElfFile::open(std::move(fd), VALKYRIA_PUPPET));
    auto found = value_of(state::resolve_known_layout(value_of(elf::DebugInformation::open(file))));
    require(found.missing.empty(), "the puppet has all that its reader reads");
    return found;
  }();
  return resolved;
}

void check_histogram(const model::Histogram& histogram) {
  require(histogram.counts.size() == histogram.bounds_ns.size() + 1, "buckets fit their bounds");
  for (const std::uint64_t count : histogram.counts) {
    require(count <= state::kMaxBelieved, "what went below zero is not believed");
  }
}

void check_registered(const model::RegisteredSeries& series) {
  require(series.name.size() < 128 && series.help.size() < 128, "texts are limited");
  require(series.labels.size() <= 32, "labels are limited");
  const auto* const histogram = std::get_if<model::RegisteredHistogram>(&series.value);
  if (histogram == nullptr) return;
  require(histogram->counts.size() == histogram->bounds_seconds.size() + 1,
          "buckets fit their bounds");
  double last = -1;
  for (const double bound : histogram->bounds_seconds) {
    require(std::isfinite(bound) && bound > last && !std::signbit(bound), "bounds rise from zero");
    last = bound;
  }
}

void check_counts(const state::Readings& readings) {
  for (const model::SystemMetrics& system : readings.systems) {
    for (const auto& count : {system.uptime_ns, system.loop_idle_ns, system.handles,
                              system.connections_active, system.streams_active}) {
      require(count.value_or(0) <= state::kMaxBelieved, "what went below zero is not believed");
    }
  }
  for (const model::ServerMetrics& server : readings.servers) {
    if (server.request_duration_ns) check_histogram(*server.request_duration_ns);
    for (const auto& status : server.requests) {
      require(status.count <= state::kMaxBelieved, "what went below zero is not believed");
    }
  }
  for (const model::ClientMetrics& client : readings.clients) {
    if (client.duration_ns) check_histogram(*client.duration_ns);
  }
}

void check_readings(state::Readings readings) {
  require(readings.systems.size() <= 16, "systems are limited");
  require(readings.servers.size() <= kMostParts, "servers are limited");
  require(readings.clients.size() <= kMostParts, "clients are limited");
  check_counts(readings);
  model::Snapshot snapshot;
  model::TargetMetrics& target = snapshot.targets.emplace_back();
  target.process = "fuzz";
  target.up = true;
  target.gc = std::move(readings.gc);
  target.interpreter = readings.interpreter;
  target.systems = std::move(readings.systems);
  target.servers = std::move(readings.servers);
  target.clients = std::move(readings.clients);
  target.registry = std::move(readings.registry);
  if (target.registry) {
    for (const auto& series : target.registry->series) check_registered(series);
  }
  fuzz::check_exposition(snapshot);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHeadBytes) return 0;
  std::uint64_t now_ns = 0;
  std::memcpy(&now_ns, data + 2, sizeof now_ns);
  const auto reader = state::make_reader(layout(), kLoadBias);
  require(reader.has_value(), "the layout has a reader");
  fuzz::StreamMemory memory(fuzz::text_of(data, size).substr(kHeadBytes), data[0], data[1]);
  // Twice: what was found once is remembered.
  for (int i = 0; i < 2; ++i) {
    const state::Moment moment{now_ns + static_cast<std::uint64_t>(i) * 1'000'000, i % 2 == 0};
    auto readings = (*reader)->read(memory, moment);
    if (!readings) {
      require(!readings.error().message.empty(), "who fails says why");
      continue;
    }
    check_readings(std::move(*readings));
  }
  return 0;
}
