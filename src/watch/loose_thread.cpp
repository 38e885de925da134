#include "watch/loose_thread.h"

#include <sys/prctl.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace watch {
namespace {

constexpr std::chrono::milliseconds kGoodbye{50};

// Of the process, whose threads they are.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<int> left_behind_now{0};

}  // namespace

struct LooseThread::State {
  std::stop_source stop;
  std::mutex mutex;  // over what follows
  std::condition_variable changed;
  bool done = false;
  bool is_left_behind = false;
  std::optional<std::chrono::steady_clock::time_point> asked_to_stop;
};

base::Result<LooseThread> LooseThread::start(const char* name, Work work) {
  if (left_behind_now >= kMaxLeftBehind) {
    return base::fail("start a thread: {} earlier ones still wait for files or memory that hang",
                      kMaxLeftBehind);
  }
  auto state = std::make_shared<State>();
  try {
    std::thread thread([state, name, work = std::move(work)]() mutable {
      ::prctl(PR_SET_NAME, name);
      try {
        work(state->stop.get_token());
      } catch (const std::exception& error) {
        base::log_error("a thread ended: {}", error.what());  // memory is short, say
      }
      work = nullptr;  // what it owns goes before anybody hears that it is done
      const std::lock_guard lock(state->mutex);
      state->done = true;
      if (state->is_left_behind) --left_behind_now;
      state->changed.notify_all();
    });
    return LooseThread(std::move(state), std::move(thread));
  } catch (const std::system_error& error) {
    return base::fail("start a thread: {}", error.what());
  }
}

LooseThread::~LooseThread() {
  if (!thread_.joinable()) return;
  request_stop();
  const auto deadline = *state_->asked_to_stop + kGoodbye;
  if (thread_.get_id() == std::this_thread::get_id() || !wait(deadline)) {
    const std::lock_guard lock(state_->mutex);
    if (!state_->done) {
      state_->is_left_behind = true;
      ++left_behind_now;
    }
    thread_.detach();
    return;
  }
  thread_.join();
}

bool LooseThread::is_done() const {
  const std::lock_guard lock(state_->mutex);
  return state_->done;
}

bool LooseThread::wait(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_until(lock, deadline, [&] { return state_->done; });
}

void LooseThread::request_stop() {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->asked_to_stop) state_->asked_to_stop = std::chrono::steady_clock::now();
  }
  state_->stop.request_stop();
}

int LooseThread::left_behind() {
  return left_behind_now;
}

}  // namespace watch
