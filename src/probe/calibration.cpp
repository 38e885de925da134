#include "probe/calibration.h"

#include <bpf/bpf.h>
#include <unistd.h>
#include <valkyria/abi/http.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <vector>

#include "probe/own_site.h"
#include "probe/uprobe_link.h"

namespace probe {
namespace {

using base::fail;
using base::Result;

// A hit in a loop finds everything of its way in the nearest caches and costs half of what a server
// pays, which does some 10 to 30 us of other work from hit to hit. That work is imitated by so much
// memory touched before each hit: more than the second cache holds (0.25 to 2 MiB), which has code
// and data of the kernel in it, and less than the third, which a server's work leaves alone. There
// the price hardly hangs on the number: on a machine with 0.5 MiB and 32 MiB it was 1.0 us with
// nothing touched, 1.1 with 256 KiB, 1.8 with 1, 2 and 4 MiB alike, and 2.7 with 8 MiB. In between,
// from 512 to 768 KiB, it is anything from 1.3 to 1.9 us, by where the pages happen to lie.
// minivalk at saturation paid 1.5 to 1.8 us a hit there (tools/bench overhead holds the two
// together), and a real server, with more code and data of its own, 1.5 to 2.
constexpr std::size_t kTouchedBytes = std::size_t{2} << 20;
constexpr std::size_t kCacheLineBytes = 64;

// 10 ms where a core has 10 GB/s of the third cache.
constexpr std::size_t kPairs = 101;
constexpr std::size_t kLeastPairs = 11;
// Of the 50 ms that are promised: attaching and what is under way need the rest.
constexpr std::uint64_t kEnoughCpuNs = 35'000'000;

constexpr std::uint64_t kServer = VALK_OTHER_ID;

// A request like any other, to the slot's entry for "other": no entry is made by its hits.
constexpr SiteArguments kRequest{kServer, 0,      kServer, 0,      0,   0,
                                 200,     60'000, 30'000,  20'000, 100, 10};

std::uint64_t thread_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// What a busy process does to the caches between two hits.
class OtherWork {
 public:
  OtherWork() : memory_(kTouchedBytes, 1) {}  // written: else all pages would be one

  void run() const {
    const volatile char* const memory = memory_.data();
    for (std::size_t i = 0; i < kTouchedBytes; i += kCacheLineBytes) (void)memory[i];
  }

 private:
  std::vector<char> memory_;
};

// Owns what the hits count in: the entry of our own slot, empty before and after. Says "named", so
// that no name is looked for.
class OwnEntry {
 public:
  explicit OwnEntry(const Programs& programs)
      : map_fd_(programs.map_fd("http_servers")), slot_(programs.own_slot()) {
    write(1);
  }
  ~OwnEntry() { write(0); }
  OwnEntry(const OwnEntry&) = delete;
  OwnEntry& operator=(const OwnEntry&) = delete;

 private:
  void write(std::uint64_t named) const {
    if (map_fd_ < 0) return;
    const valk_endpoint key{kServer, kServer, slot_, 0, 0, 0};
    const auto entry = std::make_unique<valk_http_server>();
    entry->named = named;
    bpf_map_update_elem(map_fd_, &key, entry.get(), BPF_EXIST);
  }

  int map_fd_;
  std::uint32_t slot_;
};

Result<UprobeLink> attach(const Programs& programs, const OwnSite& site) {
  const Place place{site.file_offset, 0,
                    valk_cookie(VALK_ON_REQUEST_END, VALK_PROBE_REQUEST_END, programs.own_slot())};
  const std::string path = fmt::format("/proc/self/fd/{}", site.executable.get());
  switch (programs.attach_method()) {
    case AttachMethod::kUprobeMulti:
      return UprobeLink::attach_multi(programs.program(), path, {&place, 1}, At::kEntry,
                                      ::getpid());
    case AttachMethod::kPerfEvent:
      break;
  }
  return UprobeLink::attach_perf_event(programs.program(), path, place, At::kEntry, ::getpid());
}

std::int64_t time_of(void (*reach_site)(const SiteArguments&), const OtherWork& other_work) {
  other_work.run();
  const std::uint64_t start_ns = thread_cpu_ns();
  reach_site(kRequest);
  return static_cast<std::int64_t>(thread_cpu_ns() - start_ns);
}

// By turns the one and the other comes first.
std::vector<std::int64_t> measure_pairs(const OtherWork& other_work, const std::stop_token& stop) {
  std::vector<std::int64_t> differences_ns;
  const std::uint64_t start_ns = thread_cpu_ns();
  while (differences_ns.size() < kPairs && !stop.stop_requested()) {
    if (differences_ns.size() >= kLeastPairs && thread_cpu_ns() - start_ns > kEnoughCpuNs) break;
    const bool bare_first = differences_ns.size() % 2 == 0;
    const std::int64_t first_ns =
        time_of(bare_first ? reach_bare_site : reach_own_site, other_work);
    const std::int64_t second_ns =
        time_of(bare_first ? reach_own_site : reach_bare_site, other_work);
    differences_ns.push_back(bare_first ? second_ns - first_ns : first_ns - second_ns);
  }
  return differences_ns;
}

std::uint64_t own_hits(const Programs& programs) {
  return __atomic_load_n(&programs.counters()[programs.own_slot()].hits[VALK_PROBE_REQUEST_END],
                         __ATOMIC_RELAXED);
}

// Interrupts make some longer, in either of the two: hence the one in the middle.
std::int64_t median_of(std::vector<std::int64_t> numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

}  // namespace

Result<std::uint64_t> measure_hit_cost(const Programs& programs, const std::stop_token& stop) {
  const auto stopped = [] { return fail("measure the price of a hit: asked to stop"); };
  if (stop.stop_requested()) return stopped();
  const auto site = find_own_site();
  if (!site) return pass_on(site);
  const OtherWork other_work;
  const OwnEntry entry(programs);
  const std::uint64_t hits_before = own_hits(programs);
  const auto link = attach(programs, *site);
  if (!link) return fail("attach to our own probe site: {}", link.error().message);
  const auto differences_ns = measure_pairs(other_work, stop);
  if (stop.stop_requested()) return stopped();
  const std::uint64_t hits = own_hits(programs) - hits_before;
  const std::int64_t price_ns = median_of(differences_ns);
  if (hits != differences_ns.size() || price_ns <= 0) {
    return fail("measure the price of a hit: {} of {} hits were counted, and one took {} ns", hits,
                differences_ns.size(), price_ns);
  }
  return static_cast<std::uint64_t>(price_ns);
}

}  // namespace probe
