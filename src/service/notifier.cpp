#include "service/notifier.h"

#include <fmt/core.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/log.h"

namespace service {
namespace {

using std::chrono::microseconds;

constexpr microseconds kStatusPause = std::chrono::seconds(1);
// Two beats may be late, or get lost, before the manager's patience ends.
constexpr int kBeatsInPatience = 3;

}  // namespace

Notifier::Notifier(NotifySocket socket, Questions questions, microseconds beat)
    : socket_(std::move(socket)), questions_(std::move(questions)), beat_(beat) {}

base::Result<std::unique_ptr<Notifier>> Notifier::start(const Environment& environment,
                                                        Questions questions) {
  auto socket = NotifySocket::open(environment.notify_socket);
  if (!socket) return base::pass_on(socket);
  const auto beat = environment.watchdog.value_or(microseconds::zero()) / kBeatsInPatience;
  std::unique_ptr<Notifier> notifier(new Notifier(std::move(*socket), std::move(questions), beat));
  notifier->tell_ready();
  try {
    notifier->thread_ =
        std::jthread([self = notifier.get()](const std::stop_token& stop) { self->run(stop); });
  } catch (const std::system_error& error) {
    return base::fail("start a thread to tell the service manager: {}", error.what());
  }
  return notifier;
}

Notifier::~Notifier() {
  thread_.request_stop();
}

void Notifier::run(const std::stop_token& stop) {
  const auto pause = beat_ > microseconds::zero() ? std::min(beat_, kStatusPause) : kStatusPause;
  auto next_beat = std::chrono::steady_clock::now();
  while (!stop.stop_requested()) {
    tell_status();
    if (beat_ > microseconds::zero() && std::chrono::steady_clock::now() >= next_beat) {
      next_beat = std::chrono::steady_clock::now() + beat_;
      beat();
    }
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, stop, pause, [] { return false; });
  }
}

void Notifier::tell_status() {
  std::string status = questions_.status();
  {
    const std::lock_guard lock(mutex_);
    if (status == status_) return;
    status_ = status;
  }
  send("STATUS=" + status);
}

// Woken now, looked at the next time.
void Notifier::beat() {
  if (heartbeat_.beats(questions_.turns())) {
    send("WATCHDOG=1");
  } else {
    base::log_warn(
        "a part of the exporter hangs: the service manager is not told that we are alive");
  }
  questions_.wake();
}

void Notifier::tell_ready() {
  std::string status = questions_.status();
  send("READY=1\nSTATUS=" + status);
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

void Notifier::tell_reloading() {
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", base::monotonic_ns() / 1'000));
}

void Notifier::tell_stopping() {
  send("STOPPING=1\nSTATUS=stopping");
  const std::lock_guard lock(mutex_);
  is_stopping_ = true;
}

void Notifier::send(std::string_view message) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
  }
  const auto sent = socket_.send(message);
  const std::lock_guard lock(mutex_);
  if (!sent && !has_failed_) base::log_warn("{}", sent.error().message);
  has_failed_ = !sent;
}

}  // namespace service
