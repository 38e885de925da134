#include "watch/state_source.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "memory/process_memory.h"
#include "privilege/privilege.h"
#include "state/known_layouts.h"
#include "state/runtimes/libuv.h"
#include "target/memory_map.h"
#include "watch/loop_fields.h"

namespace watch {
namespace {

using base::fail;
using base::Result;

constexpr std::chrono::milliseconds kGoodbye{20};
constexpr int kMaxLeftBehind = 16;

// Threads whose reading hangs and whose source is gone.
std::atomic<int> left_behind{0};

// Two processes in different time namespaces have different monotonic clocks.
bool shares_our_clock(const std::string& proc_root, int pid) {
  struct stat own {};
  struct stat other {};
  if (::stat(fmt::format("{}/self/ns/time", proc_root).c_str(), &own) != 0) return true;
  if (::stat(fmt::format("{}/{}/ns/time", proc_root, pid).c_str(), &other) != 0) return true;
  return own.st_ino == other.st_ino;
}

}  // namespace

struct StateSource::Work {
  Work(int watched_pid, std::unique_ptr<state::Reader> memory_reader,
       memory::ProcessMemory memory_of)
      : pid(watched_pid), reader(std::move(memory_reader)), memory(std::move(memory_of)) {}

  const int pid;
  bool knows_clock = true;                      // the process's monotonic clock is ours
  const std::unique_ptr<state::Reader> reader;  // this and the next: the thread's alone
  memory::ProcessMemory memory;

  std::mutex mutex;  // over everything below
  std::condition_variable changed;
  bool wanted = false;
  bool busy = false;
  bool hangs = false;  // somebody has waited in vain for the one that is going on
  bool stop = false;
  bool is_left_behind = false;
  std::optional<StateReading> result;  // of the last request
};

Result<std::unique_ptr<StateSource>> StateSource::open(const std::string& proc_root, int pid,
                                                       const target::Program& program,
                                                       layout::FoundLayout found) {
  if (left_behind >= kMaxLeftBehind) {
    return fail("read the memory of pid {}: {} earlier readings of other processes still hang", pid,
                kMaxLeftBehind);
  }
  const auto mappings = target::read_maps(proc_root, pid);
  if (!mappings) return base::pass_on(mappings);
  const auto load_bias = target::find_load_bias(*mappings, program.executable, program.segments);
  if (!load_bias) return base::pass_on(load_bias);
  if (state::lacks_libuv_fields(found.layout)) {
    if (auto known = check_libuv_of(proc_root, pid, program, *mappings)) {
      state::add_libuv_fields(found.layout);
    } else {
      spdlog::info("not reading the event loops of pid {}: {}", pid, known.error().message);
    }
  }
  auto reader = state::make_reader(found.layout, *load_bias);
  if (!reader) return base::pass_on(reader);
  auto work =
      std::make_shared<Work>(pid, std::move(*reader), memory::ProcessMemory(proc_root, pid));
  work->knows_clock = shares_our_clock(proc_root, pid);
  return std::unique_ptr<StateSource>(new StateSource(std::move(work), std::move(found)));
}

StateSource::StateSource(std::shared_ptr<Work> work, layout::FoundLayout found)
    : work_(std::move(work)),
      members_(work_->reader->members()),
      layout_name_(std::move(found.layout.name)),
      missing_(std::move(found.layout.missing)),
      layout_origin_(std::move(found.origin)) {}

StateSource::~StateSource() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(work_->mutex);
  work_->stop = true;
  work_->changed.notify_all();
  const bool idle = work_->changed.wait_for(lock, kGoodbye, [&] { return !work_->busy; });
  work_->is_left_behind = !idle;
  lock.unlock();
  if (idle) {
    thread_.join();
  } else {
    ++left_behind;
    thread_.detach();
  }
}

void StateSource::request() {
  const std::lock_guard lock(work_->mutex);
  if (work_->busy) return;
  if (!thread_.joinable()) {
    try {
      thread_ = std::thread([work = work_] { run(work); });
    } catch (const std::system_error& error) {
      work_->result = StateReading{fail("start a thread to read memory: {}", error.what())};
      return;
    }
  }
  work_->result.reset();
  work_->wanted = true;
  work_->busy = true;
  work_->changed.notify_all();
}

// A reading that hangs was asked for before somebody waited in vain: when it comes at last, nobody
// takes it for the answer to a later request.
StateReading StateSource::wait(std::chrono::steady_clock::time_point deadline) {
  const std::uint64_t begin_ns = base::monotonic_ns();
  std::unique_lock lock(work_->mutex);
  const auto has_come = [&] { return work_->result.has_value(); };
  if (work_->hangs || !work_->changed.wait_until(lock, deadline, has_come)) {
    work_->hangs = work_->busy;
    return {fail("read the memory of pid {}: it does not come by the deadline (a page that is "
                 "swapped out, or lies on a file system that hangs?)",
                 work_->pid),
            base::monotonic_ns() - begin_ns};
  }
  StateReading reading = std::move(*work_->result);
  work_->result.reset();
  return reading;
}

bool StateSource::hangs() const {
  const std::lock_guard lock(work_->mutex);
  return work_->hangs;
}

// Memory is anything, and there may be less of ours than it takes.
StateReading StateSource::read_once(Work& work) {
  const std::uint64_t begin_ns = base::monotonic_ns();
  try {
    auto readings = work.reader->read(work.memory, work.knows_clock ? begin_ns : 0);
    return {std::move(readings), base::monotonic_ns() - begin_ns};
  } catch (const std::exception& error) {
    return {fail("read the memory of pid {}: {}", work.pid, error.what()),
            base::monotonic_ns() - begin_ns};
  }
}

void StateSource::run(const std::shared_ptr<Work>& work) {
  privilege::keep_only_reading_privileges();
  std::unique_lock lock(work->mutex);
  while (true) {
    work->changed.wait(lock, [&] { return work->wanted || work->stop; });
    if (work->stop) break;
    work->wanted = false;
    lock.unlock();
    StateReading reading = read_once(*work);
    lock.lock();
    if (!work->hangs) work->result = std::move(reading);
    work->busy = false;
    work->hangs = false;
    work->changed.notify_all();
  }
  if (work->is_left_behind) --left_behind;
}

}  // namespace watch
