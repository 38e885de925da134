#include "agent/capture_files.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/log.h"
#include "privilege/privilege.h"

namespace agent {
namespace {

constexpr std::size_t kMaxWaiting = 4;

// A capture to write, or ids to remove.
struct Job {
  timeline::Captures::Kept capture;
  std::vector<std::string> ids;
};

}  // namespace

struct CaptureFiles::State {
  State(timeline::CaptureDirectory opened, std::shared_ptr<timeline::Captures> captures)
      : directory(std::move(opened)), store(std::move(captures)) {}

  void run(const std::stop_token& stop);
  void read();
  void do_job(const Job& job);
  std::optional<Job> take(const std::stop_token& stop);

  const timeline::CaptureDirectory directory;
  const std::shared_ptr<timeline::Captures> store;
  std::mutex mutex;  // over everything below
  std::condition_variable_any changed;
  std::deque<Job> jobs;
  std::size_t waiting = 0;  // captures among them
  std::uint64_t unwritten = 0;
};

CaptureFiles::CaptureFiles(std::shared_ptr<State> state, watch::LooseThread thread)
    : state_(std::move(state)), thread_(std::move(thread)) {}

base::Result<std::unique_ptr<CaptureFiles>> CaptureFiles::start(
    timeline::CaptureDirectory directory, std::shared_ptr<timeline::Captures> store) {
  auto state = std::make_shared<State>(std::move(directory), std::move(store));
  auto thread = watch::LooseThread::start(
      "capture-files", [state](const std::stop_token& stop) { state->run(stop); });
  if (!thread) return base::pass_on(thread);
  return std::unique_ptr<CaptureFiles>(new CaptureFiles(std::move(state), std::move(*thread)));
}

void CaptureFiles::write(timeline::Captures::Kept capture) {
  const std::lock_guard lock(state_->mutex);
  if (state_->waiting >= kMaxWaiting) {
    ++state_->unwritten;
    return base::log_warn("capture {}: not written, the disk does not answer", capture->facts.id);
  }
  ++state_->waiting;
  state_->jobs.push_back({std::move(capture), {}});
  state_->changed.notify_one();
}

// What was not written needs no removing; while the disk hangs, few others are there.
void CaptureFiles::remove(std::vector<std::string> ids) {
  if (ids.empty()) return;
  const std::lock_guard lock(state_->mutex);
  state_->jobs.push_back({nullptr, std::move(ids)});
  state_->changed.notify_one();
}

std::uint64_t CaptureFiles::unwritten() const {
  const std::lock_guard lock(state_->mutex);
  return state_->unwritten;
}

// What was asked for before the end is done.
void CaptureFiles::State::run(const std::stop_token& stop) {
  // Refused: then it has what whoever started it has, which is no more.
  (void)privilege::keep_only(privilege::Task::kWriteFiles);
  read();
  while (const auto job = take(stop)) do_job(*job);
}

void CaptureFiles::State::read() {
  for (model::Capture& capture : directory.read_all()) {
    const auto kept = std::make_shared<const model::Capture>(std::move(capture));
    for (const std::string& id : store->add(kept)) directory.remove(id);
  }
}

std::optional<Job> CaptureFiles::State::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [&] { return !jobs.empty(); });
  if (jobs.empty()) return std::nullopt;
  Job job = std::move(jobs.front());
  jobs.pop_front();
  if (job.capture) --waiting;
  return job;
}

void CaptureFiles::State::do_job(const Job& job) {
  for (const std::string& id : job.ids) directory.remove(id);
  if (!job.capture) return;
  const auto written = directory.write(*job.capture);
  if (written) return;
  base::log_warn("capture {}: kept in memory alone: {}", job.capture->facts.id,
                 written.error().message);
  const std::lock_guard lock(mutex);
  ++unwritten;
}

}  // namespace agent
