// Crowds of clients that mean no good, or no longer know what they mean: whoever scrapes beside
// them does not notice, and they leave nothing behind.
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>
#include <vector>

#include "exporter.h"
#include "raw_client.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kScrape = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kHalfWay = "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Half: ";

std::string times(int count, std::string_view text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// A number of /proc/PID/status, such as "Threads".
std::size_t status_of(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  std::size_t number = 0;
  for (std::string word; file >> word;) {
    if (word == name + ":" && file >> number) break;
  }
  return number;
}

std::size_t descriptors_of(pid_t pid) {
  const fs::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// Lets this process have as many sockets as a crowd needs.
void allow_descriptors() {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4'096);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  ASSERT_GE(files.rlim_cur, 4'096U);
}

// All at once: 300 clients that ask and never read, 1,000 that say nothing, 400 that say half, and
// 2 MB/s of garbage on new connections. Who has been there for longest leaves and comes again.
class Crowd {
 public:
  explicit Crowd(std::uint16_t port) : port_(port) {
    for (int i = 0; i < 1'000; ++i) idle_.emplace_back(port_);
    for (int i = 0; i < 400; ++i) half_way_.push_back(one_that_sends(kHalfWay));
    for (int i = 0; i < 300; ++i) unread_.push_back(one_that_never_reads());
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  std::uint64_t garbage_bytes() const { return garbage_bytes_; }

 private:
  static constexpr std::size_t kGarbageBytes = 10'000;

  RawClient one_that_sends(std::string_view bytes) const {
    RawClient client(port_);
    client.send(bytes);
    return client;
  }
  RawClient one_that_never_reads() const {
    RawClient client(port_, 4'096);
    client.send(times(20, kScrape));
    return client;
  }
  static void replace_oldest(std::deque<RawClient>& clients, RawClient by) {
    clients.pop_front();
    clients.push_back(std::move(by));
  }
  void run(const std::stop_token& stop) {
    const std::array garbage = {std::string(kGarbageBytes, 'z'), std::string(kGarbageBytes, '\n'),
                                times(kGarbageBytes / 4, {"\x16\x03\xff\x00", 4})};
    auto next = Clock::now();
    for (std::size_t round = 0; !stop.stop_requested(); ++round) {
      garbage_.push_back(one_that_sends(garbage.at(round % garbage.size())));
      if (garbage_.size() > 50) garbage_.pop_front();
      garbage_bytes_ += kGarbageBytes;
      if (round % 17 < 3) replace_oldest(unread_, one_that_never_reads());
      if (round % 17 >= 3 && round % 17 < 7) replace_oldest(half_way_, one_that_sends(kHalfWay));
      if (round % 17 >= 7) replace_oldest(idle_, RawClient(port_));
      next += milliseconds(5);
      std::this_thread::sleep_until(next);
    }
  }

  const std::uint16_t port_;
  std::deque<RawClient> unread_;
  std::deque<RawClient> idle_;
  std::deque<RawClient> half_way_;
  std::deque<RawClient> garbage_;
  std::atomic<std::uint64_t> garbage_bytes_{0};
  std::jthread thread_;
};

// What a scraper sees.
struct Scrapes {
  std::vector<milliseconds> times;
  std::size_t failed = 0;
  std::string problem;  // the first one

  void add(const test::HttpResponse& response, Clock::duration took) {
    times.push_back(std::chrono::ceil<milliseconds>(took));
    if (response.status == 200 && response.body.ends_with('\n')) return;
    if (failed++ != 0) return;
    problem = std::to_string(response.status) + " " + response.problem;
  }
  milliseconds at(double part) {
    std::sort(times.begin(), times.end());
    return times.at(static_cast<std::size_t>(part * static_cast<double>(times.size() - 1)));
  }
};

std::ostream& operator<<(std::ostream& out, Scrapes scrapes) {
  return out << scrapes.times.size() << " scrapes, " << scrapes.failed << " failed "
             << scrapes.problem << "; median " << scrapes.at(0.5).count() << " ms, 95 % below "
             << scrapes.at(0.95).count() << " ms, all below " << scrapes.at(1).count() << " ms";
}

// Scrapes each 100 ms on one connection, as long as it lives.
class KeptConnection {
 public:
  explicit KeptConnection(std::uint16_t port) : connection_(port) {
    scrape();
    thread_ = std::jthread([this](const std::stop_token& stop) {
      auto next = Clock::now();
      while (!stop.stop_requested()) {
        scrape();
        std::this_thread::sleep_until(next += milliseconds(100));
      }
    });
  }

  Scrapes stop() {
    thread_.request_stop();
    thread_.join();
    return scrapes_;
  }

 private:
  void scrape() {
    const auto begun = Clock::now();
    const auto response = connection_.get("/metrics");
    scrapes_.add(response, Clock::now() - begun);
  }

  test::HttpConnection connection_;
  Scrapes scrapes_;  // for `thread_` while it runs
  std::jthread thread_;
};

class HttpCrowds : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    allow_descriptors();
  }

  test::Minivalk minivalk_;
  const Exporter exporter_ = Exporter::of_pid(minivalk_.pid());
};

TEST_F(HttpCrowds, AreNotNoticedByScrapes) {
  constexpr int kScrapes = 200;
  KeptConnection kept(exporter_.port());
  Scrapes fresh_scrapes;
  const std::size_t threads = status_of(exporter_.pid(), "Threads");
  std::size_t most_threads = 0;
  const Crowd crowd(exporter_.port());
  // Spread over 5 s, in which the crowd's first become too slow.
  const auto begun = Clock::now();
  auto next = begun;
  const std::uint64_t garbage_before = crowd.garbage_bytes();
  for (int i = 0; i < kScrapes; ++i) {
    std::this_thread::sleep_until(next += milliseconds(25));
    const auto asked = Clock::now();
    const auto response = exporter_.get("/metrics");
    fresh_scrapes.add(response, Clock::now() - asked);
    most_threads = std::max(most_threads, status_of(exporter_.pid(), "Threads"));
  }
  const auto took = std::chrono::duration<double>(Clock::now() - begun).count();
  const auto garbage = static_cast<double>(crowd.garbage_bytes() - garbage_before);
  const Scrapes kept_scrapes = kept.stop();
  const std::size_t most_kib = status_of(exporter_.pid(), "VmHWM");
  std::cout << "on new connections: " << fresh_scrapes << "\non a kept one: " << kept_scrapes
            << "\n"
            << most_kib << " KiB at most, " << most_threads << " threads, " << threads
            << " before; garbage: " << garbage / took / 1e6 << " MB/s\n";
  EXPECT_EQ(fresh_scrapes.failed, 0U) << fresh_scrapes;
  EXPECT_EQ(kept_scrapes.failed, 0U) << kept_scrapes;
  // A crowd that holds threads or places holds them for seconds.
  EXPECT_LT(fresh_scrapes.at(0.5), milliseconds(50));
  EXPECT_LT(fresh_scrapes.at(1), milliseconds(1'000));
  EXPECT_LT(most_kib, 64U * 1'024);
  // Looking after the target may take one for a moment, but no client gets one.
  EXPECT_LE(most_threads, threads + 2);
  EXPECT_GT(exporter_.metrics().sum("valkyria_exporter_http_connections_dropped_total",
                                    {{"limit", "connections"}}),
            1'000);
}

TEST_F(HttpCrowds, LeaveNoDescriptorsBehind) {
  exporter_.metrics();
  const std::size_t before = descriptors_of(exporter_.pid());
  {
    const Crowd crowd(exporter_.port());
    EXPECT_TRUE(test::wait_until(test::soon(), [&] { return crowd.garbage_bytes() > 1'000'000; }));
    EXPECT_GT(descriptors_of(exporter_.pid()), before + 100);
  }
  EXPECT_TRUE(
      test::wait_until(test::soon(), [&] { return descriptors_of(exporter_.pid()) <= before; }))
      << descriptors_of(exporter_.pid()) << " descriptors, " << before << " before";
}

TEST_F(HttpCrowds, OfClientsThatAskAndLeaveCostNoWork) {
  std::deque<RawClient> waiting;
  for (int i = 0; i < 10'000; ++i) {
    waiting.emplace_back(exporter_.port());
    waiting.back().send("GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
    if (waiting.size() < 100) continue;
    waiting.front().reset();
    waiting.pop_front();
  }
  const auto begun = Clock::now();
  EXPECT_EQ(exporter_.get("/metrics").status, 200);
  EXPECT_LT(Clock::now() - begun, milliseconds(2'000));
  EXPECT_LT(status_of(exporter_.pid(), "VmHWM"), 64U * 1'024);
}

TEST_F(HttpCrowds, ThatComeAgainAndAgainAndNeverReadLoseNoScrape) {
  std::deque<RawClient> unread;
  const auto come = [&] {
    unread.emplace_back(exporter_.port(), 4'096);
    unread.back().send(times(20, kScrape));
    if (unread.size() > 300) unread.pop_front();
  };
  for (int i = 0; i < 300; ++i) come();
  for (int i = 0; i < 200; ++i) {
    come();
    const auto response = exporter_.get("/metrics");
    ASSERT_EQ(response.status, 200) << "scrape " << i << ": " << response.problem;
  }
}

}  // namespace
}  // namespace e2e
