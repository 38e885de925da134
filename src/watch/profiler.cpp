#include "watch/profiler.h"

#include <sys/prctl.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.h"
#include "privilege/privilege.h"

namespace watch {
namespace {

using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;
using Target = std::shared_ptr<const Watched>;

constexpr std::chrono::seconds kLook{1};  // for targets that are new
constexpr std::chrono::seconds kRetry{60};
// To begin, and to end, beside the profile itself.
constexpr std::chrono::seconds kGrace{30};
constexpr std::chrono::milliseconds kGoodbye{500};

std::uint64_t seconds_until(Clock::time_point when) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(when - Clock::now()).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(left, 1));
}

// Where one waits for a profile that comes or does not.
class Mailbox {
 public:
  void put(Result<model::Profile> profile) {
    const std::lock_guard lock(mutex_);
    given_.emplace(std::move(profile));
    changed_.notify_all();
  }
  // None where nothing comes: by the deadline, or a moment after a stop.
  std::optional<Result<model::Profile>> wait(Clock::time_point deadline,
                                             const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const auto is_here = [&] { return given_.has_value(); };
    if (!changed_.wait_until(lock, stop, deadline, is_here) && stop.stop_requested()) {
      changed_.wait_for(lock, kGoodbye, is_here);
    }
    return std::move(given_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Result<model::Profile>> given_;
};

}  // namespace

struct Profiler::State {
  std::mutex mutex;  // over everything below
  std::condition_variable_any changed;
  std::deque<std::shared_ptr<ProfileJob>> waiting;
  // Who is profiled for whom, but for continuous ones: by whether somebody waits for it.
  std::map<std::pair<Target, bool>, Clock::time_point> busy_until;
  std::map<Target, Clock::time_point> next_try;  // of continuous ones; max: it goes on
  Keep keep;
  bool has_told_of_more = false;  // targets than are profiled continuously

  // Busy, or the target is ours until release().
  std::optional<model::ProfilerBusy> claim(const Target& target, bool is_awaited,
                                           Clock::time_point until);
  void release(const Target& target, bool is_awaited);
  std::vector<Target> choose_continuous(const Targets& targets);
  void give_continuous(const Target& target, Result<model::Profile> profile);
};

std::optional<model::ProfilerBusy> Profiler::State::claim(const Target& target, bool is_awaited,
                                                          Clock::time_point until) {
  const std::lock_guard lock(mutex);
  if (const auto known = busy_until.find({target, is_awaited}); known != busy_until.end()) {
    return model::ProfilerBusy{
        fmt::format("pid {} is being profiled already, for one at a time", target->pid()),
        seconds_until(known->second)};
  }
  if (busy_until.size() >= kMaxAtOnce) {
    const auto next =
        std::min_element(busy_until.begin(), busy_until.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return model::ProfilerBusy{
        fmt::format("{} processes are being profiled already, no more at a time", kMaxAtOnce),
        seconds_until(next->second)};
  }
  busy_until.emplace(std::pair(target, is_awaited), until);
  return std::nullopt;
}

void Profiler::State::release(const Target& target, bool is_awaited) {
  const std::lock_guard lock(mutex);
  busy_until.erase({target, is_awaited});
}

// Who has ended is forgotten; who failed is tried again later.
std::vector<Target> Profiler::State::choose_continuous(const Targets& targets) {
  const std::lock_guard lock(mutex);
  if (!keep) return {};
  std::erase_if(next_try, [](const auto& known) { return known.first->has_ended(); });
  std::vector<Target> chosen;
  for (const auto& target : targets.watched) {
    if (!target->is_decided() || target->has_ended()) continue;
    const auto known = next_try.find(target);
    if (known == next_try.end() && next_try.size() >= kMaxContinuous) {
      if (!std::exchange(has_told_of_more, true)) {
        target->tell(base::LogLevel::kWarn,
                     fmt::format("not profiling pid {} continuously: {} processes are, no more at "
                                 "a time",
                                 target->pid(), kMaxContinuous));
      }
    } else if (known == next_try.end() || known->second <= Clock::now()) {
      next_try[target] = Clock::time_point::max();
      chosen.push_back(target);
    }
  }
  return chosen;
}

void Profiler::State::give_continuous(const Target& target, Result<model::Profile> profile) {
  Keep taker;
  {
    const std::lock_guard lock(mutex);
    taker = keep;
    if (!profile && next_try.contains(target)) next_try[target] = Clock::now() + kRetry;
  }
  if (profile) {
    taker(std::move(*profile));
  } else if (profile.error().cause != base::Cause::kGone) {
    target->tell(base::LogLevel::kWarn,
                 fmt::format("profile continuously: {}; trying again in {} s",
                             profile.error().message, kRetry.count()));
  }
}

Profiler::Profiler(Config config, std::shared_ptr<Surroundings> surroundings,
                   const TargetList& list)
    : config_(std::move(config)),
      surroundings_(std::move(surroundings)),
      list_(list),
      state_(std::make_shared<State>()) {}

Profiler::~Profiler() = default;

Result<std::unique_ptr<Profiler>> Profiler::start(const Config& config,
                                                  std::shared_ptr<Surroundings> surroundings,
                                                  const TargetList& list) {
  std::unique_ptr<Profiler> profiler(new Profiler(config, std::move(surroundings), list));
  try {
    profiler->thread_ =
        std::jthread([self = profiler.get()](const std::stop_token& stop) { self->run(stop); });
  } catch (const std::system_error& error) {
    return fail("start a thread that profiles: {}", error.what());
  }
  return profiler;
}

// One that is decided, if there is any.
Result<Target> Profiler::find(const std::optional<std::string>& name) const {
  const auto targets = list_.get();
  Target undecided;
  for (const auto& target : targets->watched) {
    if (target->has_ended() || (name && target->identity().name != *name)) continue;
    if (target->is_decided()) return target;
    if (!undecided) undecided = target;
  }
  if (undecided) return undecided;
  if (!name) return fail(base::Cause::kGone, "profile: no process is watched now");
  return fail(base::Cause::kGone, "profile process \"{}\": it is not watched", *name);
}

// The worker may give after we have gone: then to nobody.
Result<model::ProfileAnswer> Profiler::take(const model::ProfileRequest& request,
                                            const std::stop_token& stop) {
  const auto target = find(request.process);
  if (!target) return pass_on(target);
  if (!(*target)->is_decided()) {
    return model::ProfilerBusy{fmt::format("pid {} has just begun to be watched", (*target)->pid()),
                               kLook.count()};
  }
  const auto end = Clock::now() + request.duration;
  if (auto busy = state_->claim(*target, request.is_awaited, end)) return std::move(*busy);
  const auto mailbox = std::make_shared<Mailbox>();
  const auto job = std::make_shared<ProfileJob>();
  job->target = *target;
  job->duration = request.duration;
  job->hz = std::min(request.hz, config_.profile.max_hz);
  job->give = [mailbox, state = state_, target = *target,
               is_awaited = request.is_awaited](Result<model::Profile> profile) {
    state->release(target, is_awaited);
    mailbox->put(std::move(profile));
  };
  const std::stop_callback leave(stop, [&] { job->left.request_stop(); });
  {
    const std::lock_guard lock(state_->mutex);
    state_->waiting.push_back(job);
    state_->changed.notify_all();
  }
  auto profile = mailbox->wait(end + kGrace, stop);
  if (!profile) {
    job->left.request_stop();
    return fail(base::Cause::kTimeout, "profile pid {}: no answer (a file system that hangs?)",
                (*target)->pid());
  }
  if (!*profile) return pass_on(*profile);
  return std::move(**profile);
}

void Profiler::profile_continuously(Keep keep) {
  const std::lock_guard lock(state_->mutex);
  state_->keep = std::move(keep);
  state_->changed.notify_all();
}

void Profiler::run(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "profiler");
  // Refused: then it has what it needs and more.
  (void)privilege::keep_only(privilege::Task::kAttach);
  while (!stop.stop_requested()) {
    std::deque<std::shared_ptr<ProfileJob>> jobs;
    {
      std::unique_lock lock(state_->mutex);
      const auto has_job = [&] { return !state_->waiting.empty(); };
      if (state_->keep) {
        state_->changed.wait_for(lock, stop, kLook, has_job);
      } else {
        state_->changed.wait(lock, stop, [&] { return has_job() || state_->keep; });
      }
      jobs = std::exchange(state_->waiting, {});
    }
    workers_.remove_if([](const LooseThread& worker) { return worker.is_done(); });
    for (const std::shared_ptr<ProfileJob>& job : jobs) start_job(job);
    start_continuous();
  }
  for (LooseThread& worker : workers_) worker.request_stop();
  workers_.clear();
}

// The worker owns all that it uses.
void Profiler::start_job(const std::shared_ptr<ProfileJob>& job) {
  auto worker = LooseThread::start("profile", [job, surroundings = surroundings_,
                                               config = config_](const std::stop_token& stop) {
    take_profile(*job, surroundings, config, stop);
  });
  if (worker) {
    workers_.push_back(std::move(*worker));
  } else {
    job->give(pass_on(worker));
  }
}

void Profiler::start_continuous() {
  for (const Target& target : state_->choose_continuous(*list_.get())) {
    auto job = std::make_shared<ProfileJob>();
    job->target = target;
    job->duration = kContinuousPart;
    job->hz = kContinuousHz;
    job->repeats = true;
    job->give = [state = state_, target](Result<model::Profile> profile) {
      state->give_continuous(target, std::move(profile));
    };
    start_job(job);
  }
}

}  // namespace watch
