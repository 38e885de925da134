// Who comes and goes. Making targets of them, and ending those: discovery_targets.cpp.
#include "watch/discovery.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "privilege/privilege.h"
#include "target/process_stat.h"
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

}  // namespace

Result<std::unique_ptr<Discovery>> Discovery::start(
    const Config& config, const std::shared_ptr<Surroundings>& surroundings, TargetList& list) {
  auto events = probe::ProcessEventReader::open(surroundings->programs);
  if (!events) return pass_on(events);
  base::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  base::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll || !wake) return fail("follow processes: {}", base::errno_text(errno));
  std::unique_ptr<Discovery> discovery(new Discovery(config, surroundings, list, std::move(*events),
                                                     std::move(epoll), std::move(wake)));
  for (const int fd : {discovery->events_.fd(), discovery->wake_.get()}) {
    if (auto followed = discovery->follow(fd); !followed) return pass_on(followed);
  }
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
      own_uid_(::geteuid()),
      surroundings_(std::move(surroundings)),
      list_(list),
      events_(std::move(events)),
      epoll_(std::move(epoll)),
      wake_(std::move(wake)),
      recogniser_(config.proc_root, recognition(), config.selection, name_sources(config),
                  wake_.get()),
      names_(config) {}

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

Result<void> Discovery::follow(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return fail("follow processes: epoll_ctl: {}", base::errno_text(errno));
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
  names_.recall();
  look_through();
  while (!stop.stop_requested()) {
    ++turns_;
    handle_recognised();
    tell_counts();
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
    if (recognised.program == nullptr) forget_unwatched(pid);
    if (!recognised.denied.empty()) {
      refuse(pid, recognised.process.comm,
             fmt::format("pid {} ({}) is not looked at: {}", pid, recognised.process.comm,
                         recognised.denied));
    } else if (recognised.hangs) {
      surroundings_->log.tell(
          base::LogLevel::kWarn, label_of({}, recognised.process.comm), recognised.process.uid,
          fmt::format("pid {} ({}) is not looked at: its executable does not answer (a file system "
                      "that hangs?)",
                      pid, recognised.process.comm));
      const bool waits = std::any_of(later_.begin(), later_.end(),
                                     [&](const Later& later) { return later.pid == pid; });
      if (!waits) later_.push_back({Clock::now() + kLookAtHanging, pid});
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
  offer_places();
  ask_for_ports();
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

// What a server listens on tells it from others that are alike, later on.
void Discovery::ask_for_ports() {
  const auto now = Clock::now();
  std::erase_if(port_unknown_, [&](const Later& later) {
    const Watched* const target = find(later.pid);
    if (target == nullptr) return true;
    if (later.when > now) return false;
    recogniser_.ask(target->identity().process);
    return true;
  });
}

// Only pids that have not been seen: the kernel tells when one becomes somebody else.
void Discovery::look_through() {
  next_look_through_ = Clock::now() + kLookThrough;
  names_.look_for_ends();
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
  std::vector<int> gone;
  for (const auto& [pid, claim] : waiting_) {
    if (!there.contains(pid)) gone.push_back(pid);
  }
  for (const int pid : refused_) {
    if (!there.contains(pid)) gone.push_back(pid);
  }
  for (const int pid : gone) forget_unwatched(pid);
  if (is_crowded_ && waiting_.size() < kMaxWaiting / 2) {
    is_crowded_ = false;
    seen_.clear();  // everybody is looked at again, the next time
  }
}

// Neither waits for a place nor is refused one.
void Discovery::forget_unwatched(int pid) {
  const std::size_t forgotten = waiting_.erase(pid) + refused_.erase(pid);
  if (forgotten > 0) are_counts_old_ = true;
}

void Discovery::consider(int pid) {
  if (pid == ::getpid()) return;
  seen_.insert(pid);
  const auto process = target::identify(config_.proc_root, pid);
  if (!process) {
    forget_unwatched(pid);
    // To root only what lives behind a wall is closed (another user namespace, a sandbox).
    if (own_uid_ != 0 && target::is_denied(config_.proc_root, pid) && may_be_selected(pid)) {
      const auto stat = target::read_stat(config_.proc_root, pid);
      refuse(pid, stat ? stat->comm : fmt::format("pid {}", pid),
             process.error().message + " (needs CAP_SYS_PTRACE)");
    }
    return;
  }
  if (find(pid) != nullptr) return;
  if (!is_selected(*process)) {
    forget_unwatched(pid);
    if (may_come_to_fit() && later_.size() < kMaxLater &&
        target::is_younger_than(config_.proc_root, process->id, kLookLater.front())) {
      later_.push_back({Clock::now() + kLookLater.front(), pid});
    }
    return;
  }
  if (recogniser_.is_stranger(*process)) return forget_unwatched(pid);
  recogniser_.ask(*process);
}

// By what is told of it without a look at its file.
bool Discovery::may_be_selected(int pid) const {
  const auto stat = target::read_stat(config_.proc_root, pid);
  if (!stat || one_process(config_) != nullptr) return false;
  const target::NameFit name = target::fit_comm(config_.selection, stat->comm);
  return (name.fits || name.is_cut) &&
         target::fits_place(config_.selection, target::read_place(config_.proc_root, pid));
}

// A process may take another name, or be put into another control group, just after its exec.
bool Discovery::may_come_to_fit() const {
  return !config_.selection.names.empty() || target::asks_for_place(config_.selection);
}

bool Discovery::is_selected(const target::Process& process) {
  if (const auto* one = one_process(config_)) {
    // A later process with the same pid is another one.
    if (process.id.pid != one->pid) return false;
    return one_process_start_ticks_.value_or(process.id.start_ticks) == process.id.start_ticks;
  }
  // Which file it runs, and a name longer than a comm, are asked by the recogniser.
  const target::NameFit name = target::fit_comm(config_.selection, process.comm);
  if (!name.fits && !name.is_cut) return false;
  if (!target::asks_for_place(config_.selection)) return true;
  return target::fits_place(config_.selection,
                            target::read_place(config_.proc_root, process.id.pid));
}

Watched* Discovery::find(int pid) {
  const auto found = std::find_if(targets_.begin(), targets_.end(),
                                  [&](const auto& target) { return target->pid() == pid; });
  return found == targets_.end() ? nullptr : found->get();
}

}  // namespace watch
