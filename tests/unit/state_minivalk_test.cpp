// minivalk's counters, laid out as the real minivalk's debug information says, in a memory that the
// test fills.
#include "state/runtimes/minivalk.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <stdexcept>

#include "catalogue_rows.h"
#include "elf/debug_information.h"
#include "state/known_layouts.h"
#include "state_support.h"

namespace {

using model::ClientMetrics;
using model::GcMetrics;
using model::InterpreterMetrics;
using model::ServerMetrics;
using model::SystemMetrics;
using test::FakeMemory;

constexpr std::uint64_t kBias = 0x5555'5555'4000;
constexpr std::uint64_t kNow = 1'000'000'000'000;

template <typename Owner>
using Names = std::vector<std::pair<const char*, model::Count Owner::*>>;

// What minivalk calls its numbers, and where they have to arrive.
const Names<GcMetrics> kGc{{"cycles_total", &GcMetrics::cycles},
                           {"pause_ns_total", &GcMetrics::pause_ns_total},
                           {"pause_ns_max", &GcMetrics::pause_ns_max},
                           {"reclaimed_bytes_total", &GcMetrics::reclaimed_bytes},
                           {"heap_used_bytes", &GcMetrics::heap_used_bytes},
                           {"heap_total_bytes", &GcMetrics::heap_total_bytes},
                           {"heap_peak_bytes", &GcMetrics::heap_peak_bytes},
                           {"heap_live_bytes", &GcMetrics::heap_live_bytes},
                           {"last_collection_unix_ns", &GcMetrics::last_collection_unix_ns},
                           {"trigger_bytes", &GcMetrics::trigger_bytes},
                           {"exhausted_total", &GcMetrics::heap_exhausted}};

const Names<InterpreterMetrics> kInterpreter{
    {"evals_total", &InterpreterMetrics::evals},
    {"function_calls_total", &InterpreterMetrics::function_calls},
    {"builtin_calls_total", &InterpreterMetrics::builtin_calls},
    {"stack_depth_max", &InterpreterMetrics::stack_depth_max},
    {"closures_created_total", &InterpreterMetrics::closures_created},
    {"env_lookups_total", &InterpreterMetrics::env_lookups}};

const Names<SystemMetrics> kSystems{
    {"loop_iterations_total", &SystemMetrics::loop_iterations},
    {"events_processed_total", &SystemMetrics::loop_events},
    {"servers_count", &SystemMetrics::servers},
    {"clients_count", &SystemMetrics::clients},
    {"handles_count", &SystemMetrics::handles},
    {"arenas_used", &SystemMetrics::arenas_used},
    {"arenas_total", &SystemMetrics::arenas_total},
    {"arena_pool_overflow_total", &SystemMetrics::arena_overflows},
    {"tcp_buffers_used", &SystemMetrics::tcp_buffers_used},
    {"tcp_buffers_total", &SystemMetrics::tcp_buffers_total},
    {"tcp_buffer_overflow_total", &SystemMetrics::tcp_buffer_overflows},
    {"queue_depth", &SystemMetrics::queue_depth},
    {"connections_total", &SystemMetrics::connections_accepted},
    {"connections_failed", &SystemMetrics::connections_failed},
    {"connections_rejected_load_total", &SystemMetrics::connections_rejected},
    {"connections_connecting", &SystemMetrics::connections_connecting},
    {"connections_active", &SystemMetrics::connections_active},
    {"connections_idle", &SystemMetrics::connections_idle},
    {"connections_closing", &SystemMetrics::connections_closing},
    {"connection_pool_total", &SystemMetrics::connection_pool_total},
    {"connection_pool_used", &SystemMetrics::connection_pool_used},
    {"streams_total", &SystemMetrics::streams},
    {"streams_active", &SystemMetrics::streams_active},
    {"requests_total", &SystemMetrics::requests},
    {"requests_active", &SystemMetrics::requests_active},
    {"requests_errors", &SystemMetrics::request_errors},
    {"pending_requests", &SystemMetrics::pending_requests},
    {"pending_responses", &SystemMetrics::pending_responses},
    {"bytes_sent_total", &SystemMetrics::bytes_sent},
    {"bytes_recv_total", &SystemMetrics::bytes_received}};

const Names<ServerMetrics> kServers{
    {"connections_active", &ServerMetrics::connections_active},
    {"bytes_sent_total", &ServerMetrics::bytes_sent},
    {"bytes_recv_total", &ServerMetrics::bytes_received},
    {"overload_responses_total", &ServerMetrics::overload_responses}};

const Names<ClientMetrics> kClients{{"connections_active", &ClientMetrics::connections_active},
                                    {"pool_size", &ClientMetrics::pool_size},
                                    {"operations_total", &ClientMetrics::operations},
                                    {"errors_total", &ClientMetrics::errors},
                                    {"retries_total", &ClientMetrics::retries},
                                    {"cache_hits_total", &ClientMetrics::cache_hits},
                                    {"cache_misses_total", &ClientMetrics::cache_misses}};

// Read once: every test has the same minivalk.
const state::Layout& layout() {
  static const state::Layout resolved = [] {
    const char* const path = VALKYRIA_BIN_DIR "/minivalk";
    auto file = elf::ElfFile::open(base::UniqueFd(::open(path, O_RDONLY | O_CLOEXEC)), path);
    if (!file) throw std::runtime_error(file.error().message);
    const auto information = elf::DebugInformation::open(*file);
    if (!information) throw std::runtime_error(information.error().message);
    auto found = state::resolve_known_layout(*information);
    if (!found) throw std::runtime_error(found.error().message);
    return std::move(*found);
  }();
  return resolved;
}

// Those that readings are made of.
std::vector<elf::Field> read_fields() {
  std::vector<elf::Field> fields = layout().fields;
  const auto paths = state::minivalk_paths();
  std::erase_if(fields, [&](const elf::Field& field) {
    return std::find(paths.begin(), paths.end(), field.path) == paths.end();
  });
  return fields;
}

class MinivalkReader : public testing::Test {
 protected:
  MinivalkReader() {
    std::uint64_t end = 0;
    begin_ = ~std::uint64_t{0};
    for (const elf::Field& field : read_fields()) {
      begin_ = std::min(begin_, kBias + field.address);
      end = std::max(end, kBias + field.address + state::end_of(field));
    }
    size_ = end - begin_;
    memory_.map(begin_, size_);
  }

  static const elf::Field& field(const std::string& path) {
    const elf::Field* const found = layout().find("minivalk_runtime." + path);
    if (found == nullptr) throw std::runtime_error("no field " + path);
    return *found;
  }

  static std::uint64_t address_of(const std::string& path, std::vector<std::size_t> element) {
    const elf::Field& wanted = field(path);
    std::uint64_t address = kBias + wanted.address + wanted.offsets.at(0);
    EXPECT_EQ(element.size(), wanted.repeats.size());
    for (std::size_t i = 0; i < element.size(); ++i) {
      address += element[i] * wanted.repeats[i].stride;
    }
    return address;
  }

  void put(const std::string& path, std::uint64_t number, std::vector<std::size_t> element = {}) {
    const std::uint64_t address = address_of(path, std::move(element));
    if (field(path).size_bytes == 4) {
      memory_.put(address, static_cast<std::uint32_t>(number));
    } else {
      memory_.put(address, number);
    }
  }

  void put_text(const std::string& path, const std::string& text, std::size_t element) {
    memory_.put_text(address_of(path, {element}), text);
  }

  // A number that stands nowhere else.
  std::uint64_t put_next(const std::string& path, std::vector<std::size_t> element = {}) {
    put(path, ++last_, std::move(element));
    return last_;
  }

  base::Result<state::Readings> read_as(const state::Layout& as, std::uint64_t now_ns = kNow) {
    auto reader = state::make_reader(as, kBias);
    if (!reader) return base::pass_on(reader);
    return (*reader)->read(memory_, {now_ns});
  }

  state::Readings read(std::uint64_t now_ns = kNow) {
    auto readings = read_as(layout(), now_ns);
    EXPECT_TRUE(readings) << readings.error().message;
    return readings ? *readings : state::Readings();
  }

  std::string message() {
    const auto readings = read_as(layout());
    return readings ? "read" : readings.error().message;
  }

  template <typename Owner>
  void expect_numbers(const Names<Owner>& names, const std::string& prefix,
                      const std::function<const Owner&(const state::Readings&)>& owner_of,
                      std::vector<std::size_t> element = {}) {
    for (const auto& [name, member] : names) {
      const std::uint64_t number = put_next(prefix + name, element);
      const state::Readings readings = read();
      EXPECT_EQ(owner_of(readings).*member, number) << prefix << name;
    }
  }

  FakeMemory memory_;
  std::uint64_t begin_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t last_ = 1'000;
};

TEST_F(MinivalkReader, FindsEveryPathInTheRealMinivalk) {
  EXPECT_EQ(layout().name, "minivalk");
  EXPECT_EQ(layout().fields.size(), state::all_paths(state::known_layouts().front()).size());
  for (const auto& missing : layout().missing) {
    ADD_FAILURE() << missing.path << ": " << missing.reason;
  }
  EXPECT_TRUE(state::is_current(layout()));
}

// It has no pool of cells beside its heap: its heap is one.
bool is_of_cells(const model::CatalogueEntry& entry) {
  return entry.name.starts_with("valk_gc_cells_");
}

TEST_F(MinivalkReader, GivesEveryFamilyOfTheCatalogue) {
  const auto reader = state::make_reader(layout(), kBias);
  ASSERT_TRUE(reader);
  const auto members = (*reader)->members();
  for (const auto* const entry : catalogue_rows::of_memory()) {
    if (is_of_cells(*entry)) continue;
    EXPECT_THAT(members, testing::Contains(entry->member)) << entry->name;
  }
  for (const model::Member& member : members) {
    EXPECT_EQ(std::count(members.begin(), members.end(), member), 1)
        << model::entry_of(member).name;
    EXPECT_NE(model::entry_of(member).from, model::Preference::kProbeOnly)
        << model::entry_of(member).name;
  }
}

TEST_F(MinivalkReader, SaysWhereItsNumbersDiffer) {
  const auto reader = state::make_reader(layout(), kBias);
  ASSERT_TRUE(reader);
  const auto members = (*reader)->members();
  EXPECT_FALSE((*reader)->differences().empty());
  for (const state::Difference& difference : (*reader)->differences()) {
    EXPECT_THAT(members, testing::Contains(difference.member)) << difference.text;
  }
}

TEST_F(MinivalkReader, BringsEveryNumberToItsPlace) {
  put("system_count", 3);
  put("server_count", 16);
  put("client_count", 2);
  expect_numbers<GcMetrics>(
      kGc, "gc.", [](const auto& all) -> const auto& { return all.gc; });
  expect_numbers<InterpreterMetrics>(
      kInterpreter, "vm.", [](const auto& all) -> const auto& { return all.interpreter; });
  for (const std::size_t i : {0u, 2u}) {
    expect_numbers<SystemMetrics>(
        kSystems, "systems[].", [i](const auto& all) -> const auto& { return all.systems.at(i); },
        {i});
  }
  for (const std::size_t i : {0u, 15u}) {
    expect_numbers<ServerMetrics>(
        kServers, "servers[].", [i](const auto& all) -> const auto& { return all.servers.at(i); },
        {i});
  }
  for (const std::size_t i : {0u, 1u}) {
    expect_numbers<ClientMetrics>(
        kClients, "clients[].", [i](const auto& all) -> const auto& { return all.clients.at(i); },
        {i});
  }
}

TEST_F(MinivalkReader, AsksForNothingThatTheseTestsDoNotKnow) {
  std::set<std::string> known{"system_count",
                              "systems[].name",
                              "systems[].started_at_ns",
                              "systems[].loop_idle_ns_total",
                              "systems[].loop_waits_since_ns",
                              "server_count",
                              "servers[].host",
                              "servers[].port",
                              "servers[].protocol",
                              "servers[].requests_2xx_total",
                              "servers[].requests_3xx_total",
                              "servers[].requests_4xx_total",
                              "servers[].requests_5xx_total",
                              "servers[].requests_other_total",
                              "servers[].request_duration.buckets[]",
                              "servers[].request_duration.sum_ns",
                              "client_count",
                              "clients[].name",
                              "clients[].type",
                              "clients[].operation_duration.buckets[]",
                              "clients[].operation_duration.sum_ns"};
  for (const auto& [name, member] : kGc) known.insert(std::string("gc.") + name);
  for (const auto& [name, member] : kInterpreter) known.insert(std::string("vm.") + name);
  for (const auto& [name, member] : kSystems) known.insert(std::string("systems[].") + name);
  for (const auto& [name, member] : kServers) known.insert(std::string("servers[].") + name);
  for (const auto& [name, member] : kClients) known.insert(std::string("clients[].") + name);
  for (const auto& path : state::minivalk_paths()) {
    ASSERT_TRUE(path.starts_with("minivalk_runtime.")) << path;
    EXPECT_TRUE(known.contains(path.substr(17))) << path;
  }
}

TEST_F(MinivalkReader, KnowsNoLastCollectionBeforeTheFirst) {
  const auto gc = read().gc;
  EXPECT_EQ(gc.cycles, 0u);
  EXPECT_EQ(gc.heap_live_bytes, std::nullopt);
  EXPECT_EQ(gc.last_collection_unix_ns, std::nullopt);
}

TEST_F(MinivalkReader, BringsNamesAndPorts) {
  put("system_count", 2);
  put_text("systems[].name", "main", 0);
  put_text("systems[].name", std::string(32, 'x'), 1);  // without a NUL
  put("server_count", 1);
  put_text("servers[].host", "127.0.0.1", 0);
  put("servers[].port", 65'535, {0});
  put_text("servers[].protocol", "http", 0);
  put("client_count", 1);
  put_text("clients[].name", "\xff\x01", 0);
  put_text("clients[].type", "cache", 0);
  const auto readings = read();
  ASSERT_EQ(readings.systems.size(), 2u);
  EXPECT_EQ(readings.systems[0].name, "main");
  EXPECT_EQ(readings.systems[1].name, std::string(32, 'x'));
  ASSERT_EQ(readings.servers.size(), 1u);
  EXPECT_EQ(readings.servers[0].host, "127.0.0.1");
  EXPECT_EQ(readings.servers[0].port, "65535");
  EXPECT_EQ(readings.servers[0].protocol, "http");
  ASSERT_EQ(readings.clients.size(), 1u);
  EXPECT_EQ(readings.clients[0].name, "\xff\x01");
  EXPECT_EQ(readings.clients[0].type, "cache");
}

TEST_F(MinivalkReader, CountsRequestsByStatus) {
  put("server_count", 2);
  const std::vector<std::pair<model::StatusClass, std::string>> usual{
      {model::StatusClass::k2xx, "2xx"},
      {model::StatusClass::k3xx, "3xx"},
      {model::StatusClass::k4xx, "4xx"},
      {model::StatusClass::k5xx, "5xx"}};
  std::vector<std::uint64_t> numbers;
  for (const auto& [status, name] : usual) {
    numbers.push_back(put_next("servers[].requests_" + name + "_total", {1}));
  }
  auto readings = read();
  ASSERT_EQ(readings.servers[0].requests.size(), 4u);
  ASSERT_EQ(readings.servers[1].requests.size(), 4u);
  for (std::size_t i = 0; i < usual.size(); ++i) {
    EXPECT_EQ(readings.servers[0].requests[i].count, 0u);
    EXPECT_EQ(readings.servers[1].requests[i].status, usual[i].first);
    EXPECT_EQ(readings.servers[1].requests[i].count, numbers[i]);
  }
  put("servers[].requests_other_total", 7, {0});
  readings = read();
  ASSERT_EQ(readings.servers[0].requests.size(), 5u);
  EXPECT_EQ(readings.servers[0].requests[4].status, model::StatusClass::kOther);
  EXPECT_EQ(readings.servers[0].requests[4].count, 7u);
  EXPECT_EQ(readings.servers[1].requests.size(), 4u);
}

void expect_histogram(const std::optional<model::Histogram>& histogram, std::uint64_t first,
                      std::uint64_t sum_ns) {
  ASSERT_TRUE(histogram);
  EXPECT_EQ(histogram->bounds_ns.size(), 17u);
  EXPECT_EQ(histogram->bounds_ns.front(), 50'000u);
  EXPECT_EQ(histogram->bounds_ns.back(), 10'000'000'000u);
  EXPECT_TRUE(std::is_sorted(histogram->bounds_ns.begin(), histogram->bounds_ns.end()));
  ASSERT_EQ(histogram->counts.size(), 18u);
  for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(histogram->counts[i], first + i);
  EXPECT_EQ(histogram->sum_ns, sum_ns);
}

TEST_F(MinivalkReader, BringsHistograms) {
  put("server_count", 2);
  put("client_count", 3);
  for (std::size_t bucket = 0; bucket < 18; ++bucket) {
    put("servers[].request_duration.buckets[]", 10 + bucket, {1, bucket});
    put("clients[].operation_duration.buckets[]", 100 + bucket, {2, bucket});
  }
  put("servers[].request_duration.sum_ns", 55, {1});
  put("clients[].operation_duration.sum_ns", 77, {2});
  const auto readings = read();
  expect_histogram(readings.servers.at(1).request_duration_ns, 10, 55);
  expect_histogram(readings.clients.at(2).duration_ns, 100, 77);
  ASSERT_TRUE(readings.clients[2].latency);
  EXPECT_EQ(readings.clients[2].latency->sum_ns, 77u);
  EXPECT_EQ(readings.clients[2].latency->count, readings.clients[2].duration_ns->count());
}

TEST_F(MinivalkReader, TellsAnAgeOnlyOfWhatHasStarted) {
  put("system_count", 3);
  put("systems[].started_at_ns", 1, {0});
  put("systems[].started_at_ns", kNow + 1, {1});
  const auto readings = read();
  EXPECT_EQ(readings.systems.at(0).uptime_ns, kNow - 1);
  EXPECT_EQ(readings.systems.at(1).uptime_ns, std::nullopt);
  EXPECT_EQ(readings.systems.at(2).uptime_ns, std::nullopt);
}

TEST_F(MinivalkReader, AddsTheWaitThatGoesOnToThoseThatAreOver) {
  put("system_count", 2);
  put("systems[].loop_idle_ns_total", 100, {0});
  put("systems[].loop_waits_since_ns", kNow - 7, {0});
  put("systems[].loop_idle_ns_total", 100, {1});
  const auto readings = read();
  EXPECT_EQ(readings.systems.at(0).loop_idle_ns, 107u);
  EXPECT_EQ(readings.systems.at(1).loop_idle_ns, 100u);
}

TEST_F(MinivalkReader, LeavesOutAGaugeThatWasTakenBelowZero) {
  put("system_count", 1);
  put("systems[].streams_active", ~std::uint64_t{0}, {0});
  put("systems[].requests_active", 5, {0});
  const auto readings = read();
  EXPECT_EQ(readings.systems.at(0).streams_active, std::nullopt);
  EXPECT_EQ(readings.systems.at(0).requests_active, 5u);
}

TEST_F(MinivalkReader, ReadsEverythingInOneCall) {
  read();
  ASSERT_EQ(memory_.calls.size(), 1u);
  EXPECT_TRUE(memory_.is_aligned);
}

TEST_F(MinivalkReader, FindsNobodyWhereNobodyHasStarted) {
  const auto readings = read();
  EXPECT_TRUE(readings.systems.empty());
  EXPECT_TRUE(readings.servers.empty());
  EXPECT_TRUE(readings.clients.empty());
  EXPECT_EQ(readings.gc.cycles, 0u);
}

TEST_F(MinivalkReader, FailsWhereCountsAreAboveTheirCapacity) {
  for (const auto& [name, capacity] :
       {std::pair{"system_count", 8u}, {"server_count", 16u}, {"client_count", 16u}}) {
    put(name, capacity);
    EXPECT_EQ(message(), "read") << name;
    for (const std::uint64_t wrong : {capacity + 1, 0xffff'ffffu}) {
      put(name, wrong);
      EXPECT_EQ(message(), fmt::format("read minivalk_runtime.{}: {} of at most {}: this is no "
                                       "minivalk",
                                       name, wrong, capacity));
    }
    put(name, 0);
  }
}

TEST_F(MinivalkReader, FailsWhereAPartIsNotMapped) {
  memory_.map(begin_, size_ - 1);
  EXPECT_EQ(message(), "read minivalk_runtime: a part of it is not mapped");
  memory_.end();
  EXPECT_EQ(message(), "read the memory of nobody: it has ended");
}

TEST_F(MinivalkReader, GoesOnWithoutWhatABuildDoesNotHave) {
  put("system_count", 1);
  put("server_count", 1);
  put("client_count", 1);
  const auto whole = state::make_reader(layout(), kBias);
  ASSERT_TRUE(whole);
  for (const elf::Field& gone : read_fields()) {
    state::Layout rest = layout();
    std::erase_if(rest.fields, [&](const elf::Field& other) { return other.path == gone.path; });
    const auto reader = state::make_reader(rest, kBias);
    ASSERT_TRUE(reader);
    EXPECT_TRUE((*reader)->read(memory_, {kNow})) << gone.path;
    const auto members = (*reader)->members();
    EXPECT_LT(members.size(), (*whole)->members().size()) << gone.path;
    EXPECT_FALSE(members.empty());
  }
}

TEST_F(MinivalkReader, SurvivesAnyMemory) {
  std::mt19937_64 random(1);
  int read = 0;
  for (int round = 0; round < 500; ++round) {
    std::vector<std::byte> bytes(size_);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    memory_.map(begin_, std::move(bytes));
    if (round % 4 != 0) {
      put("system_count", random() % 9);
      put("server_count", random() % 17);
      put("client_count", random() % 18);
    }
    const auto readings = read_as(layout());
    if (!readings) {
      EXPECT_THAT(readings.error().message, testing::EndsWith(": this is no minivalk"));
      continue;
    }
    ++read;
    EXPECT_LE(readings->systems.size(), 8u);
    EXPECT_LE(readings->servers.size(), 16u);
    EXPECT_LE(readings->clients.size(), 16u);
    for (const auto& system : readings->systems) {
      EXPECT_LE(system.name.size(), 32u);
      for (const auto& [name, member] : kSystems) {
        EXPECT_LT((system.*member).value_or(0), std::uint64_t{1} << 63);
      }
    }
  }
  EXPECT_GT(read, 200);
}

TEST(SumOver, IsAbsentWhereAPartIsAndZeroWhereThereIsNone) {
  std::vector<model::SystemMetrics> systems(2);
  systems[0].requests = 10;
  systems[1].requests = 5;
  systems[0].connections_accepted = 2;
  EXPECT_EQ(state::sum_over(systems, &model::SystemMetrics::requests), 15u);
  EXPECT_EQ(state::sum_over(systems, &model::SystemMetrics::connections_accepted), std::nullopt);
  EXPECT_EQ(state::sum_over({}, &model::SystemMetrics::requests), 0u);
}

}  // namespace
