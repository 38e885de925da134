// The price of a hit, measured on a site of our own: sane, bounded, and without a trace.
#include "probe/calibration.h"

#include <bpf/bpf.h>
#include <valkyria/abi/http.h>

#include <atomic>
#include <cstring>
#include <ctime>
#include <thread>

#include "probe/own_site.h"
#include "probe_fixture.h"

namespace kernel_test {
namespace {

constexpr std::uint8_t kNop = 0x90;
constexpr std::uint8_t kBreakpoint = 0xcc;

#ifdef VALKYRIA_SANITIZED
constexpr double kMaxCpuMs = 500;
#else
constexpr double kMaxCpuMs = 50;
#endif

double thread_cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// While nobody is attached.
const volatile std::uint8_t* own_site() {
  const auto site = probe::find_own_site();
  if (!site) throw std::runtime_error(site.error().message);
  return site->address;
}

std::size_t entries_of(int map_fd, std::size_t key_size) {
  std::vector<char> key(key_size);
  std::size_t entries = 0;
  int error = bpf_map_get_next_key(map_fd, nullptr, key.data());
  for (; error == 0; ++entries) error = bpf_map_get_next_key(map_fd, key.data(), key.data());
  return entries;
}

// Sums of what is exported of all slots.
std::uint64_t counted(const probe::Programs& programs) {
  std::uint64_t sum = 0;
  for (const auto& status : probe::read_probe_status(programs, {})) sum += status.hits;
  for (const auto& loss : probe::read_losses(programs)) sum += loss.count;
  return sum;
}

class CalibrationTest : public AttachMethodTest {
 protected:
  static probe::Programs load(const std::vector<probe::Group>& groups = all_groups()) {
    auto programs = probe::Programs::load(groups, {GetParam(), std::nullopt});
    if (!programs) throw std::runtime_error(programs.error().message);
    return std::move(*programs);
  }
};

INSTANTIATE_TEST_SUITE_P(By, CalibrationTest, attach_methods(), method_name);

TEST_P(CalibrationTest, TheOwnSiteIsOneByteThatNobodyTakesForAProbe) {
  EXPECT_EQ(*own_site(), kNop);
  const Binary binary = read_binary("/proc/self/exe");
  EXPECT_TRUE(binary.sites.good.empty());
  EXPECT_TRUE(binary.sites.refused.empty());
}

TEST_P(CalibrationTest, APriceIsOneOfATrapAndNotMore) {
  const auto programs = load();
  const auto price_ns = probe::measure_hit_cost(programs);
  ASSERT_TRUE(price_ns) << price_ns.error().message;
  EXPECT_GT(*price_ns, 100u);
  EXPECT_LT(*price_ns, 50'000u);
}

TEST_P(CalibrationTest, ItCanBeMeasuredOnAnyThreadAndTakesLittleOfItsTime) {
  const auto programs = load();
  double cpu_ms = 0;
  std::jthread([&](const std::stop_token& stop) {
    const double start_ms = thread_cpu_ms();
    const auto price_ns = probe::measure_hit_cost(programs, stop);
    cpu_ms = thread_cpu_ms() - start_ms;
    EXPECT_TRUE(price_ns) << price_ns.error().message;
  }).join();
  EXPECT_LT(cpu_ms, kMaxCpuMs);
}

TEST_P(CalibrationTest, NothingIsLeftBehind) {
  const auto programs = load();
  const int servers = programs.map_fd("http_servers");
  const int names = programs.map_fd("endpoint_names");
  const std::size_t servers_before = entries_of(servers, sizeof(valk_endpoint));
  ASSERT_TRUE(probe::measure_hit_cost(programs));
  EXPECT_EQ(*own_site(), kNop);
  EXPECT_EQ(counted(programs), 0u);
  EXPECT_EQ(entries_of(servers, sizeof(valk_endpoint)), servers_before);
  EXPECT_EQ(entries_of(names, sizeof(valk_endpoint)), 0u);
  const valk_endpoint key{VALK_OTHER_ID, VALK_OTHER_ID, programs.own_slot(), 0, 0, 0};
  valk_http_server entry{};
  ASSERT_EQ(bpf_map_lookup_elem(servers, &key, &entry), 0);
  const valk_http_server empty{};
  EXPECT_EQ(std::memcmp(&entry, &empty, sizeof entry), 0);
}

TEST_P(CalibrationTest, WhoIsWatchedMeanwhileSeesNothingOfIt) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  const Watched watched = watch_process(binary, puppet.pid(), GetParam());
  puppet.tell("requests 1 3");
  ASSERT_TRUE(probe::measure_hit_cost(watched.programs));
  EXPECT_EQ(all_requests(watched.slot()), 3u);
  EXPECT_EQ(watched.slot().servers.size(), 1u);
  EXPECT_EQ(watched.hits("request__end"), 3u);
}

TEST_P(CalibrationTest, HasAPriceWhateverGroupsAreLoaded) {
  for (const probe::GroupSpec& group : probe::groups()) {
    const auto programs = load({group.group});
    const auto price_ns = probe::measure_hit_cost(programs);
    EXPECT_TRUE(price_ns) << group.name << ": " << price_ns.error().message;
  }
}

TEST_P(CalibrationTest, WhoAskedItToStopGetsNoPrice) {
  const auto programs = load();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(probe::measure_hit_cost(programs, stop.get_token()));
}

TEST_P(CalibrationTest, StoppedOnItsWayItLeavesNoBreakpoint) {
  const auto programs = load();
  const volatile std::uint8_t* const site = own_site();
  std::atomic<bool> ended = false;
  std::jthread thread([&](const std::stop_token& stop) {
    (void)probe::measure_hit_cost(programs, stop);
    ended = true;
  });
  test::wait_until(test::soon(), [&] { return *site == kBreakpoint || ended; });
  thread.request_stop();
  thread.join();
  EXPECT_EQ(*site, kNop);
}

}  // namespace
}  // namespace kernel_test
