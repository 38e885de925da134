#include "reading_cost.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/clock.h"
#include "bench_support/open_reader.h"
#include "bench_support/value_of.h"
#include "memory/process_memory.h"
#include "support/http_load.h"
#include "support/minivalk.h"

namespace bench {
namespace {

constexpr int kStarts = 41;

// A cache in a directory of its own.
class TemporaryCache {
 public:
  TemporaryCache() {
    std::string name = (std::filesystem::temp_directory_path() / "bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("make a directory");
    path_ = name;
  }
  ~TemporaryCache() { std::filesystem::remove_all(path_); }
  TemporaryCache(const TemporaryCache&) = delete;
  TemporaryCache& operator=(const TemporaryCache&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::size_t values_in(const state::Readings& readings) {
  constexpr std::size_t kGc = 8, kInterpreter = 6, kSystem = 32, kServer = 9 + 19, kClient = 7 + 19;
  return kGc + kInterpreter + readings.systems.size() * kSystem +
         readings.servers.size() * kServer + readings.clients.size() * kClient;
}

double first_values_ns(pid_t pid, const std::string& cache_directory) {
  const std::uint64_t start_ns = base::monotonic_ns();
  const auto reader = open_reader(pid, cache_directory);
  memory::ProcessMemory memory("/proc", pid);
  value_of(reader->read(memory, {start_ns}));
  return static_cast<double>(base::monotonic_ns() - start_ns);
}

}  // namespace

// A system with a server and two clients: about a hundred values.
ReadingCost measure_reading(int readings) {
  test::Minivalk minivalk;
  for (const char* client : {"redis-cache", "postgres-primary"}) {
    test::get(minivalk.port(), std::string("/client?name=") + client + "&ops=16");
  }
  const TemporaryCache cache;
  const auto reader = open_reader(minivalk.pid(), cache.path());
  memory::ProcessMemory memory("/proc", minivalk.pid());
  ReadingCost cost;
  std::vector<double> reading_ns;
  const std::uint64_t calls_before = memory.calls();
  for (int i = 0; i < readings; ++i) {
    const std::uint64_t start_ns = base::monotonic_ns();
    const state::Readings read = value_of(reader->read(memory, {start_ns}));
    reading_ns.push_back(static_cast<double>(base::monotonic_ns() - start_ns));
    cost.values = values_in(read);
  }
  cost.calls = static_cast<double>(memory.calls() - calls_before) / readings;
  cost.reading_ns = spread_of(reading_ns);
  std::vector<double> warm_ns;
  std::vector<double> cold_ns;
  for (int i = 0; i < kStarts; ++i) {
    warm_ns.push_back(first_values_ns(minivalk.pid(), cache.path()));
    cold_ns.push_back(first_values_ns(minivalk.pid(), ""));
  }
  cost.first_warm_ns = spread_of(warm_ns);
  cost.first_cold_ns = spread_of(cold_ns);
  return cost;
}

}  // namespace bench
