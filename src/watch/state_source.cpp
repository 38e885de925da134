#include "watch/state_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "memory/process_memory.h"
#include "privilege/privilege.h"
#include "state/known_layouts.h"
#include "state/runtimes/libuv.h"
#include "target/memory_map.h"
#include "target/process_metrics.h"
#include "watch/loop_fields.h"

namespace watch {
namespace {

using base::fail;
using base::Result;

using Clock = std::chrono::steady_clock;

// Memory is read in microseconds, or something is wrong.
constexpr std::chrono::milliseconds kHangsAfter{200};

// Two processes in different time namespaces have different monotonic clocks.
bool shares_our_clock(const std::string& proc_root, int pid) {
  struct stat own {};
  struct stat other {};
  if (::stat(fmt::format("{}/self/ns/time", proc_root).c_str(), &own) != 0) return true;
  if (::stat(fmt::format("{}/{}/ns/time", proc_root, pid).c_str(), &other) != 0) return true;
  return own.st_ino == other.st_ino;
}

// Where nobody knows, it runs.
bool is_running(const model::ProcessMetrics& metrics) {
  return std::all_of(metrics.states.begin(), metrics.states.end(),
                     [](const model::ProcessStateFlag& flag) {
                       return flag.state != model::ProcessState::kRunning || flag.is_so;
                     });
}

}  // namespace

struct StateSource::Work {
  Work(std::string proc_directory_root, int watched_pid,
       std::unique_ptr<state::Reader> memory_reader)
      : proc_root(std::move(proc_directory_root)),
        pid(watched_pid),
        reader(std::move(memory_reader)),
        memory(target::living_directory(proc_root, watched_pid), watched_pid) {}

  bool hangs() const { return busy_since && Clock::now() - *busy_since > kHangsAfter; }

  const std::string proc_root;
  const int pid;
  bool knows_clock = true;                      // the process's monotonic clock is ours
  const std::unique_ptr<state::Reader> reader;  // this and the next: the thread's alone
  memory::ProcessMemory memory;

  std::mutex mutex;  // over everything below
  std::condition_variable_any changed;
  Ticket asked = 0;
  Ticket begun = 0;
  Ticket done = 0;
  std::optional<Clock::time_point> busy_since;
  std::shared_ptr<const StateReading> result;  // of the reading `done`
};

Result<std::unique_ptr<StateSource>> StateSource::open(const std::string& proc_root, int pid,
                                                       const target::Program& program,
                                                       layout::FoundLayout found) {
  const auto mappings = target::read_maps(proc_root, pid);
  if (!mappings) return pass_on(mappings);
  const auto load_bias = target::find_load_bias(*mappings, program.executable, program.segments);
  if (!load_bias) return pass_on(load_bias);
  std::string loop_problem;
  if (state::lacks_libuv_fields(found.layout)) {
    if (auto known = check_libuv_of(proc_root, pid, program, *mappings)) {
      state::add_libuv_fields(found.layout);
    } else {
      loop_problem = known.error().message;
    }
  }
  auto reader = state::make_reader(found.layout, *load_bias);
  if (!reader) return pass_on(reader);
  auto work = std::make_shared<Work>(proc_root, pid, std::move(*reader));
  work->knows_clock = shares_our_clock(proc_root, pid);
  auto thread =
      LooseThread::start("memory", [work](const std::stop_token& stop) { run(*work, stop); });
  if (!thread) return pass_on(thread);
  std::unique_ptr<StateSource> source(
      new StateSource(std::move(work), std::move(found), std::move(*thread)));
  source->loop_problem_ = std::move(loop_problem);
  return source;
}

StateSource::StateSource(std::shared_ptr<Work> work, layout::FoundLayout found, LooseThread thread)
    : work_(std::move(work)),
      members_(work_->reader->members()),
      differences_(work_->reader->differences()),
      heap_use_offset_(state::heap_use_offset(found.layout)),
      layout_name_(std::move(found.layout.name)),
      missing_(std::move(found.layout.missing)),
      layout_origin_(std::move(found.origin)),
      thread_(std::move(thread)) {}

StateSource::~StateSource() = default;

// A reading that goes on may have begun before something that the caller has seen: he gets the
// next one.
StateSource::Ticket StateSource::request() {
  const std::lock_guard lock(work_->mutex);
  const Ticket ticket = work_->begun + 1;
  work_->asked = ticket;
  work_->changed.notify_all();
  return ticket;
}

StateReading StateSource::wait(Ticket ticket, Clock::time_point deadline) {
  const std::uint64_t begin_ns = base::monotonic_ns();
  std::unique_lock lock(work_->mutex);
  const auto has_come = [&] { return work_->done >= ticket; };
  if (work_->hangs() || !work_->changed.wait_until(lock, deadline, has_come)) {
    return {fail(base::Cause::kTimeout,
                 "read the memory of pid {}: it does not come by the deadline (a page that is "
                 "swapped out, or lies on a file system that hangs?)",
                 work_->pid),
            base::monotonic_ns() - begin_ns, std::nullopt};
  }
  return *work_->result;
}

StateReading StateSource::read(std::chrono::milliseconds max_time) {
  const Ticket ticket = request();
  return wait(ticket, Clock::now() + max_time);
}

void StateSource::request_stop() {
  thread_.request_stop();
}

bool StateSource::hangs() const {
  const std::lock_guard lock(work_->mutex);
  return work_->hangs();
}

// Memory is anything, and there may be less of ours than it takes.
StateReading StateSource::read_once(Work& work) {
  const std::uint64_t begin_ns = base::monotonic_ns();
  const auto process_metrics = target::read_process_metrics(work.proc_root, work.pid);
  try {
    auto readings = work.reader->read(
        work.memory, {work.knows_clock ? begin_ns : 0, is_running(process_metrics)});
    return {std::move(readings), base::monotonic_ns() - begin_ns, process_metrics};
  } catch (const std::exception& error) {
    return {fail("read the memory of pid {}: {}", work.pid, error.what()),
            base::monotonic_ns() - begin_ns, process_metrics};
  }
}

void StateSource::run(Work& work, const std::stop_token& stop) {
  privilege::keep_only(privilege::Task::kReadMemory);
  std::unique_lock lock(work.mutex);
  while (work.changed.wait(lock, stop, [&] { return work.asked > work.begun; })) {
    work.begun = work.asked;
    work.busy_since = Clock::now();
    lock.unlock();
    auto reading = std::make_shared<const StateReading>(read_once(work));
    lock.lock();
    work.result = std::move(reading);
    work.done = work.begun;
    work.busy_since.reset();
    work.changed.notify_all();
  }
}

}  // namespace watch
