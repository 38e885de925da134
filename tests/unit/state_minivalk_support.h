// minivalk's counters, laid out as the real minivalk's debug information says, in a memory that the
// test fills.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "elf/debug_information.h"
#include "state/known_layouts.h"
#include "state/runtimes/minivalk.h"
#include "state_support.h"

namespace test {

using model::ClientMetrics;
using model::GcMetrics;
using model::InterpreterMetrics;
using model::ServerMetrics;
using model::SystemMetrics;

inline constexpr std::uint64_t kBias = 0x5555'5555'4000;
inline constexpr std::uint64_t kNow = 1'000'000'000'000;

template <typename Owner>
using Names = std::vector<std::pair<const char*, model::Count Owner::*>>;

// What minivalk calls its numbers, and where they have to arrive.
inline const Names<GcMetrics> kGc{{"cycles_total", &GcMetrics::cycles},
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

inline const Names<InterpreterMetrics> kInterpreter{
    {"evals_total", &InterpreterMetrics::evals},
    {"function_calls_total", &InterpreterMetrics::function_calls},
    {"builtin_calls_total", &InterpreterMetrics::builtin_calls},
    {"stack_depth_max", &InterpreterMetrics::stack_depth_max},
    {"closures_created_total", &InterpreterMetrics::closures_created},
    {"env_lookups_total", &InterpreterMetrics::env_lookups}};

inline const Names<SystemMetrics> kSystems{
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

inline const Names<ServerMetrics> kServers{
    {"connections_active", &ServerMetrics::connections_active},
    {"bytes_sent_total", &ServerMetrics::bytes_sent},
    {"bytes_recv_total", &ServerMetrics::bytes_received},
    {"overload_responses_total", &ServerMetrics::overload_responses}};

inline const Names<ClientMetrics> kClients{
    {"connections_active", &ClientMetrics::connections_active},
    {"pool_size", &ClientMetrics::pool_size},
    {"operations_total", &ClientMetrics::operations},
    {"errors_total", &ClientMetrics::errors},
    {"retries_total", &ClientMetrics::retries},
    {"cache_hits_total", &ClientMetrics::cache_hits},
    {"cache_misses_total", &ClientMetrics::cache_misses}};

// Read once: every test has the same minivalk.
inline const state::Layout& layout() {
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
inline std::vector<elf::Field> read_fields() {
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

}  // namespace test
