#include "agent/state_source.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "memory/process_memory.h"
#include "state/known_layouts.h"
#include "target/memory_map.h"

namespace agent {
namespace {

using base::fail;
using base::Result;

constexpr std::chrono::milliseconds kGoodbye{100};

}  // namespace

struct StateSource::Work {
  Work(int watched_pid, std::unique_ptr<state::Reader> memory_reader,
       memory::ProcessMemory memory_of)
      : pid(watched_pid), reader(std::move(memory_reader)), memory(std::move(memory_of)) {}

  const int pid;
  const std::unique_ptr<state::Reader> reader;  // this and the next: the thread's alone
  memory::ProcessMemory memory;

  std::mutex mutex;  // over everything below
  std::condition_variable changed;
  bool wanted = false;
  bool busy = false;
  bool late = false;  // somebody has waited in vain for the one that is going on
  bool stop = false;
  std::optional<StateReading> result;
};

Result<std::unique_ptr<StateSource>> StateSource::open(const std::string& proc_root, int pid,
                                                       const target::Program& program,
                                                       FoundLayout found) {
  const auto mappings = target::read_maps(proc_root, pid);
  if (!mappings) return tl::make_unexpected(mappings.error());
  const auto load_bias = target::find_load_bias(*mappings, program.executable, program.segments);
  if (!load_bias) return tl::make_unexpected(load_bias.error());
  auto reader = state::make_reader(found.layout, *load_bias);
  if (!reader) return tl::make_unexpected(reader.error());
  auto work =
      std::make_shared<Work>(pid, std::move(*reader), memory::ProcessMemory(proc_root, pid));
  return std::unique_ptr<StateSource>(new StateSource(std::move(work), std::move(found)));
}

StateSource::StateSource(std::shared_ptr<Work> work, FoundLayout found)
    : work_(std::move(work)),
      families_(work_->reader->families()),
      layout_name_(std::move(found.layout.name)),
      layout_origin_(std::move(found.origin)) {}

StateSource::~StateSource() {
  if (!thread_.joinable()) return;
  std::unique_lock lock(work_->mutex);
  work_->stop = true;
  work_->changed.notify_all();
  const bool idle = work_->changed.wait_for(lock, kGoodbye, [&] { return !work_->busy; });
  lock.unlock();
  if (idle) {
    thread_.join();
  } else {
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

StateReading StateSource::wait(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(work_->mutex);
  const auto has_come = [&] { return work_->result.has_value(); };
  if (work_->late || !work_->changed.wait_until(lock, deadline, has_come)) {
    work_->late = true;
    return {
        fail("read the memory of pid {}: it does not come by the deadline (a page that is "
             "swapped out, or lies on a file system that hangs?)",
             work_->pid)};
  }
  StateReading reading = std::move(*work_->result);
  work_->result.reset();
  return reading;
}

void StateSource::run(const std::shared_ptr<Work>& work) {
  std::unique_lock lock(work->mutex);
  while (true) {
    work->changed.wait(lock, [&] { return work->wanted || work->stop; });
    if (work->stop) break;
    work->wanted = false;
    lock.unlock();
    const std::uint64_t begin_ns = base::monotonic_ns();
    auto readings = work->reader->read(work->memory, begin_ns);
    StateReading reading{std::move(readings), base::monotonic_ns() - begin_ns};
    lock.lock();
    work->result = std::move(reading);
    work->busy = false;
    work->late = false;
    work->changed.notify_all();
  }
  work->busy = false;
  work->changed.notify_all();
}

}  // namespace agent
