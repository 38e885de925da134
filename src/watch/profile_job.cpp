#include "watch/profile_job.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "watch/profile_session.h"

namespace watch {
namespace {

using base::Result;
using Clock = std::chrono::steady_clock;

void wait(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

Result<model::Profile> take_one(ProfileSession& session, const ProfileJob& job) {
  const auto until = Clock::now() + job.duration;
  const std::stop_token stop = job.left.get_token();
  while (!stop.stop_requested() && !job.target->has_ended()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) break;
    wait(std::min(left, session.tick_time()), stop);
    if (auto taken = session.tick(); !taken) return base::pass_on(taken);
  }
  return session.cut();
}

void take_all(ProfileJob& job, const std::shared_ptr<Surroundings>& surroundings,
              const Config& config) {
  auto session = ProfileSession::begin(surroundings, job.target, config, job.hz);
  if (!session) return job.give(base::pass_on(session));
  do {
    auto profile = take_one(**session, job);
    const bool is_last = !profile || !job.repeats;
    job.give(std::move(profile));
    if (is_last) return;
  } while (!job.left.stop_requested() && !job.target->has_ended());
  job.give(base::fail(base::Cause::kGone, "profile pid {}: it has ended", job.target->pid()));
}

}  // namespace

void take_profile(ProfileJob& job, const std::shared_ptr<Surroundings>& surroundings,
                  const Config& config, const std::stop_token& stop) {
  const std::stop_callback ends(stop, [&] { job.left.request_stop(); });
  try {
    take_all(job, surroundings, config);
  } catch (const std::exception& error) {
    job.give(base::fail("profile pid {}: {}", job.target->pid(), error.what()));
  }
}

}  // namespace watch
