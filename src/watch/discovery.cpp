#include "watch/discovery.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/log.h"
#include "privilege/privilege.h"
#include "target/exit_status.h"
#include "target/process_metrics.h"
#include "watch/recognition.h"

namespace watch {
namespace {

using base::fail;
using base::Result;

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::milliseconds kSweep{20};
// Against what the kernel did not tell: children in other pid namespaces, events that were lost.
constexpr std::chrono::seconds kLookThrough{10};
constexpr std::chrono::seconds kStopTime{2};
// A comm can change and a loader can load after the exec.
constexpr std::array kLookLater{std::chrono::milliseconds(200), std::chrono::milliseconds(2'000)};
constexpr std::chrono::seconds kLookAtHanging{60};
constexpr std::chrono::minutes kEndedIsShown{10};
constexpr std::size_t kMaxEnded = 1'000;  // past it, the one that ended first is forgotten
constexpr std::size_t kMaxLater = 1'000;  // past it, the next exec or a restart finds them

bool is_ours(const target::Process& process) {
  const uid_t own = ::geteuid();
  return own == 0 || process.uid == own || process.uid == 0;
}

Result<void> follow(int epoll_fd, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return fail("follow processes: epoll_ctl: {}", base::errno_text(errno));
}

const target::OneProcess* one_process(const Config& config) {
  return std::get_if<target::OneProcess>(&config.selection);
}

void tell_begin(const Watched& target) {
  const Identity& identity = target.identity();
  target.tell(base::LogLevel::kInfo,
              fmt::format("watching pid {} ({}), which runs {}", target.pid(),
                          identity.process.comm, identity.program->executable.path));
}

std::optional<std::string> only_file(const Config& config) {
  const auto* by_executable = std::get_if<target::ByExecutable>(&config.selection);
  return by_executable != nullptr ? std::optional(by_executable->path) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Discovery>> Discovery::start(
    const Config& config, const std::shared_ptr<Surroundings>& surroundings, TargetList& list) {
  auto events = probe::ProcessEventReader::open(surroundings->programs);
  if (!events) return pass_on(events);
  base::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  base::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll || !wake) return fail("follow processes: {}", base::errno_text(errno));
  for (const int fd : {events->fd(), wake.get()}) {
    if (auto followed = follow(epoll.get(), fd); !followed) return pass_on(followed);
  }
  std::unique_ptr<Discovery> discovery(new Discovery(config, surroundings, list, std::move(*events),
                                                     std::move(epoll), std::move(wake)));
  auto thread = LooseThread::start(
      "discovery", [self = discovery.get()](const std::stop_token& stop) { self->run(stop); });
  if (!thread) return pass_on(thread);
  discovery->thread_.emplace(std::move(*thread));
  return discovery;
}

Discovery::Discovery(const Config& config, std::shared_ptr<Surroundings> surroundings,
                     TargetList& list, probe::ProcessEventReader events, base::UniqueFd epoll,
                     base::UniqueFd wake)
    : config_(config),
      surroundings_(std::move(surroundings)),
      list_(list),
      events_(std::move(events)),
      epoll_(std::move(epoll)),
      wake_(std::move(wake)),
      recogniser_(config.proc_root, recognition(), only_file(config), wake_.get()) {}

// Its thread uses us, so it can't be left behind; and nothing that it does should hang.
Discovery::~Discovery() {
  if (thread_) {
    thread_->request_stop();
    const std::uint64_t one = 1;
    if (::write(wake_.get(), &one, sizeof one) < 0) base::log_debug("already awake");
    if (!thread_->wait(Clock::now() + kStopTime)) {
      base::log_critical("following processes hangs: leaving as we are");
      std::_Exit(EXIT_FAILURE);
    }
  }
  end_all();
}

bool Discovery::wait_for_first_look(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return looked_.wait_until(lock, deadline, [&] { return has_looked_; });
}

model::EventCounts Discovery::missed_by_ended() const {
  const std::lock_guard lock(mutex_);
  return missed_by_ended_;
}

void Discovery::run(const std::stop_token& stop) {
  if (auto kept = privilege::keep_only(privilege::Task::kAttach); !kept) {
    base::log_warn("{}", kept.error().message);
  }
  look_through();
  while (!stop.stop_requested()) {
    handle_recognised();
    if (recogniser_.is_idle()) {
      const std::lock_guard lock(mutex_);
      has_looked_ = true;
      looked_.notify_all();
    }
    wait_for_news();
    handle_events();
    sweep_leaving();
    consider_later_ones();
    if (Clock::now() >= next_tick_) tick();
    if (Clock::now() >= next_look_through_) look_through();
  }
}

void Discovery::wait_for_news() {
  auto until = std::min(next_tick_, next_look_through_);
  for (const Later& later : later_) until = std::min(until, later.when);
  if (!leaving_.empty()) until = std::min(until, Clock::now() + kSweep);
  if (!news_.empty()) until = Clock::now();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  std::array<epoll_event, 64> news;
  const int count = ::epoll_wait(epoll_.get(), news.data(), static_cast<int>(news.size()),
                                 static_cast<int>(std::max<long>(left.count(), 0)));
  bool any_ended = false;
  for (int i = 0; i < count; ++i) {
    const int fd = news.at(static_cast<std::size_t>(i)).data.fd;
    std::uint64_t ignored = 0;
    if (fd == wake_.get()) {
      if (::read(fd, &ignored, sizeof ignored) < 0) continue;
    } else if (fd != events_.fd()) {
      any_ended = true;
    }
  }
  if (any_ended) retire_ended();
}

// Why somebody ended is noted at once, since it is wanted as soon as he is seen to have.
void Discovery::take_events() {
  probe::ProcessEvents news = events_.drain();
  for (const probe::ProcessEvent& event : news.events) {
    if (event.kind == probe::ProcessEvent::Kind::kEnded) {
      if (find(event.pid) != nullptr) wait_statuses_[event.pid] = event.wait_status;
    } else {
      news_.push_back(event);
    }
  }
  if (news.lost) {
    seen_.clear();
    next_look_through_ = Clock::now();
  }
}

void Discovery::handle_events() {
  take_events();
  const target::OneProcess* const one = one_process(config_);
  for (const probe::ProcessEvent& event : std::exchange(news_, {})) {
    if (one != nullptr && event.pid != one->pid) continue;
    if (event.pid == 0) next_look_through_ = Clock::now();
    seen_.erase(event.pid);
    if (Watched* const target = find(event.pid); target != nullptr && target->has_ended()) {
      retire_ended();
    }
    consider(event.pid);
  }
}

void Discovery::handle_recognised() {
  for (Recognised& recognised : recogniser_.take()) {
    const int pid = recognised.process.id.pid;
    if (pid == 0) continue;
    if (recognised.hangs) {
      surroundings_->log.tell(
          base::LogLevel::kWarn, label_of({}, recognised.process.comm),
          fmt::format("pid {} ({}) is not looked at: its executable does not answer (a file system "
                      "that hangs?)",
                      pid, recognised.process.comm));
      later_.push_back({Clock::now() + kLookAtHanging, pid});
    } else if (recognised.program != nullptr) {
      begin(std::move(recognised));
    } else if (recognised.may_come && later_.size() < kMaxLater &&
               target::is_younger_than(config_.proc_root, recognised.process.id,
                                       kLookLater.back())) {
      later_.push_back({Clock::now() + kLookLater.front(), pid});
    }
  }
}

void Discovery::tick() {
  const auto now = Clock::now();
  next_tick_ = now + kTick;
  recogniser_.skip_what_hangs();
  surroundings_->log.tell_held_back();
  retire_ended();
  for (std::size_t i = targets_.size(); i-- > 0;) {
    Watched& target = *targets_[i];
    target.take_deadly_returns();
    if (target.is_stale()) {
      const int pid = target.pid();
      retire(i);
      consider(pid);
    } else if (target.next_begin() <= now) {
      target.begin();
    }
  }
}

void Discovery::consider_later_ones() {
  const auto now = Clock::now();
  std::vector<int> due;
  std::erase_if(later_, [&](const Later& later) {
    if (later.when <= now) due.push_back(later.pid);
    return later.when <= now;
  });
  for (const int pid : due) consider(pid);
}

// Only pids that have not been seen: the kernel tells when one becomes somebody else.
void Discovery::look_through() {
  next_look_through_ = Clock::now() + kLookThrough;
  if (const auto* one = one_process(config_)) {
    if (targets_.empty()) consider(one->pid);
    return;
  }
  std::unordered_set<int> there;
  for (const int pid : target::list_pids(config_.proc_root)) {
    there.insert(pid);
    if (!seen_.contains(pid)) consider(pid);
  }
  std::erase_if(seen_, [&](int pid) { return !there.contains(pid); });
}

void Discovery::consider(int pid) {
  if (pid == ::getpid()) return;
  seen_.insert(pid);
  const auto process = target::identify(config_.proc_root, pid);
  if (!process || find(pid) != nullptr) return;
  if (!is_selected(*process)) {
    const bool may_rename = std::holds_alternative<target::ByName>(config_.selection);
    if (may_rename && later_.size() < kMaxLater &&
        target::is_younger_than(config_.proc_root, process->id, kLookLater.front())) {
      later_.push_back({Clock::now() + kLookLater.front(), pid});
    }
    return;
  }
  if (!recogniser_.is_stranger(*process)) recogniser_.ask(*process);
}

bool Discovery::is_selected(const target::Process& process) {
  if (const auto* one = one_process(config_)) {
    // A later process with the same pid is another one.
    if (process.id.pid != one->pid) return false;
    return one_process_start_ticks_.value_or(process.id.start_ticks) == process.id.start_ticks;
  }
  if (std::holds_alternative<target::ByExecutable>(config_.selection)) return true;  // asked later
  if (const auto* by_name = std::get_if<target::ByName>(&config_.selection)) {
    return std::find(by_name->comms.begin(), by_name->comms.end(), process.comm) !=
           by_name->comms.end();
  }
  return is_ours(process);
}

void Discovery::begin(Recognised recognised) {
  const int pid = recognised.process.id.pid;
  if (find(pid) != nullptr) return;
  const auto slot = free_slot();
  if (!slot) return tell_no_room(pid);
  no_room_.erase(pid);
  const std::string comm = recognised.process.comm;
  auto target = make_target(std::move(recognised), *slot);
  if (!target) {
    surroundings_->log.tell(base::LogLevel::kInfo, label_of({}, comm), target.error().message);
    return;
  }
  one_process_start_ticks_ = (*target)->identity().process.id.start_ticks;
  ++generations_[pid];
  targets_.push_back(std::move(*target));
  publish();
  tell_begin(*targets_.back());
  targets_.back()->begin();
}

// First its slot, then a look at who it is: an exec from here on is counted.
Result<std::shared_ptr<Watched>> Discovery::make_target(Recognised recognised, std::uint32_t slot) {
  const int pid = recognised.process.id.pid;
  auto held = target::HeldProcess::open(pid);
  if (!held) return pass_on(held);
  if (target::own_pid_namespace(config_.proc_root) &&
      target::is_in_nested_pid_namespace(config_.proc_root, pid)) {
    return fail(
        "watch pid {}: it is in a pid namespace below ours, where its execs can't be seen "
        "(run us in the host's pid namespace)",
        pid);
  }
  if (auto watched = surroundings_->programs.watch(slot, pid); !watched) return pass_on(watched);
  if (!target::is_running(config_.proc_root, recognised.process.id)) {
    surroundings_->programs.unwatch(pid);
    return fail("watch pid {}: it has ended or runs another image", pid);
  }
  if (auto followed = follow(epoll_.get(), held->fd()); !followed) {
    surroundings_->programs.unwatch(pid);
    return pass_on(followed);
  }
  Identity identity;
  identity.process = std::move(recognised.process);
  identity.generation = generations_[pid];
  identity.slot = slot;
  if (one_process(config_) == nullptr) identity.name = free_name(recognised.name);
  identity.script = std::move(recognised.script);
  identity.program = std::move(recognised.program);
  identity.since_unix_ns = base::unix_ns();
  identity.start_unix_ns = target::read_start_unix_ns(config_.proc_root, pid);
  return std::make_shared<Watched>(std::move(identity), std::move(*held), surroundings_);
}

void Discovery::retire_ended() {
  for (std::size_t i = targets_.size(); i-- > 0;) {
    if (targets_[i]->has_ended()) retire(i);
  }
}

void Discovery::retire(std::size_t index) {
  const std::shared_ptr<Watched> target = targets_[index];
  const Identity& identity = target->identity();
  target->tell(base::LogLevel::kInfo, fmt::format("pid {} ({}) {}", target->pid(),
                                                  identity.process.comm, reason_of_end(*target)));
  wait_statuses_.erase(target->pid());
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, target->end_fd(), nullptr);
  surroundings_->programs.unwatch(target->pid());
  {
    const std::lock_guard lock(mutex_);
    add(missed_by_ended_, target->missed());
  }
  remember(identity);
  targets_.erase(targets_.begin() + static_cast<std::ptrdiff_t>(index));
  publish();
  leaving_.push_back({target, target->end()});
  // Who runs another image is considered by its exec; who has ended leaves the pid to others.
  seen_.erase(target->pid());
}

// The kernel told of the end before it showed it.
std::string Discovery::reason_of_end(const Watched& target) {
  take_events();
  if (target.has_exited()) {
    const auto status = wait_statuses_.find(target.pid());
    if (status == wait_statuses_.end()) return "has ended";
    return "has ended: " + target::words_of_end(status->second);
  }
  if (!target.has_ended()) return "is looked at anew: its file has changed";
  const auto image = target::identify(config_.proc_root, target.pid());
  if (!image) return "has called exec, and runs another image";
  return fmt::format("has called exec, and runs another image: {}", image->comm);
}

// A slot is free once nothing fires into it and nobody reads it.
void Discovery::sweep_leaving() {
  bool any_free = false;
  std::erase_if(leaving_, [&](Leaving& leaving) {
    const bool is_out = leaving.out.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    if (!is_out || leaving.target.use_count() > 1) return false;
    surroundings_->programs.forget(leaving.target->identity().slot);
    any_free = true;
    return true;
  });
  if (!any_free) return;
  for (const int pid : std::exchange(no_room_, {})) consider(pid);
  std::erase_if(generations_, [&](const auto& entry) { return find(entry.first) == nullptr; });
}

// The one process is told of for as long as we are asked.
void Discovery::remember(const Identity& identity) {
  const auto now = Clock::now();
  std::erase_if(ended_, [&](const Ended& ended) {
    return ended.shown_until <= now || ended.target.process == identity.name;
  });
  if (ended_.size() >= kMaxEnded) ended_.erase(ended_.begin());
  const bool is_the_one = one_process(config_) != nullptr;
  ended_.push_back(
      {describe_ended(identity), is_the_one ? Clock::time_point::max() : now + kEndedIsShown});
}

void Discovery::publish() {
  list_.set({targets_, ended_});
}

void Discovery::end_all() {
  list_.set({});
  std::vector<std::shared_future<void>> out;
  for (const auto& target : targets_) target->request_end();
  for (const auto& target : targets_) out.push_back(target->end());
  for (const Leaving& leaving : leaving_) out.push_back(leaving.out);
  for (const auto& one : out) one.wait();
}

Watched* Discovery::find(int pid) {
  const auto found = std::find_if(targets_.begin(), targets_.end(),
                                  [&](const auto& target) { return target->pid() == pid; });
  return found == targets_.end() ? nullptr : found->get();
}

std::optional<std::uint32_t> Discovery::free_slot() const {
  const std::uint32_t slots = one_process(config_) != nullptr ? 4 : VALK_MAX_TARGETS;
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    const auto has_it = [&](const std::shared_ptr<Watched>& target) {
      return target->identity().slot == slot;
    };
    const bool taken = std::any_of(targets_.begin(), targets_.end(), has_it) ||
                       std::any_of(leaving_.begin(), leaving_.end(),
                                   [&](const Leaving& leaving) { return has_it(leaving.target); });
    if (!taken) return slot;
  }
  return std::nullopt;
}

std::string Discovery::free_name(const std::string& wanted) const {
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(targets_.begin(), targets_.end(),
                       [&](const auto& target) { return target->identity().name == name; });
  };
  std::string name = wanted;
  for (int number = 2; is_taken(name); ++number) name = fmt::format("{}-{}", wanted, number);
  return name;
}

void Discovery::tell_no_room(int pid) {
  if (!no_room_.insert(pid).second) return;
  base::log_warn("pid {} is not watched: at most {} processes are", pid, VALK_MAX_TARGETS);
}

}  // namespace watch
