#include "agent/web_config_reader.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "http/web_settings.h"
#include "privilege/privilege.h"
#include "webconfig/file_state.h"
#include "webconfig/web_config.h"

namespace agent {
namespace {

using std::chrono::seconds;

using Clock = std::chrono::steady_clock;

constexpr seconds kLook{1};
// Files that take longer can't be read.
constexpr seconds kPatience{10};

}  // namespace

struct WebConfigReader::State {
  State(std::string named, std::shared_ptr<http::SharedSettings> shared)
      : path(std::move(named)), settings(std::move(shared)) {}

  void run(const std::stop_token& stop);
  // Whether it is to be read again; none: stop.
  bool wait(const std::stop_token& stop);
  bool has_settled();
  base::Result<void> accept(const webconfig::WebConfig& config) const;
  base::Result<void> read();
  void read_again();
  void note(bool is_successful);
  void warn_of_age() const;

  const std::string path;
  const std::shared_ptr<http::SharedSettings> settings;
  // The thread's only:
  std::vector<std::string> files;
  std::vector<webconfig::FileState> seen;  // of the files, before they were read
  std::vector<webconfig::FileState> last;  // at the last look
  std::string told;                        // what was wrong the last time

  mutable std::mutex mutex;  // over everything below
  std::condition_variable_any changed;
  bool is_asked = false;
  std::optional<Clock::time_point> at_files_since;  // none: the thread waits for nobody's disk
  std::optional<base::Result<void>> first;
  Status status;
};

WebConfigReader::WebConfigReader(std::shared_ptr<State> state, watch::LooseThread thread)
    : state_(std::move(state)), thread_(std::move(thread)) {}

base::Result<std::unique_ptr<WebConfigReader>> WebConfigReader::start(
    std::string path, std::shared_ptr<http::SharedSettings> settings) {
  auto state = std::make_shared<State>(std::move(path), std::move(settings));
  auto thread = watch::LooseThread::start(
      "web-config", [state](const std::stop_token& stop) { state->run(stop); });
  if (!thread) return base::pass_on(thread);
  std::unique_ptr<WebConfigReader> reader(new WebConfigReader(state, std::move(*thread)));
  std::unique_lock lock(state->mutex);
  if (!state->changed.wait_for(lock, kPatience, [&] { return state->first.has_value(); })) {
    return base::fail("read web config {}: no answer of its file system within {} s", state->path,
                      kPatience.count());
  }
  if (!*state->first) return base::pass_on(*state->first);
  return reader;
}

void WebConfigReader::reload() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_asked = true;
  }
  state_->changed.notify_all();
}

WebConfigReader::Status WebConfigReader::status() const {
  const std::lock_guard lock(state_->mutex);
  Status status = state_->status;
  if (state_->at_files_since && Clock::now() - *state_->at_files_since > kPatience) {
    status.is_successful = false;
  }
  return status;
}

void WebConfigReader::State::run(const std::stop_token& stop) {
  auto result = privilege::keep_only(privilege::Task::kNothing);
  if (result) result = read();
  note(result.has_value());
  {
    const std::lock_guard lock(mutex);
    first = result;
  }
  changed.notify_all();
  while (result && wait(stop)) read_again();
}

bool WebConfigReader::State::wait(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex);
      changed.wait_for(lock, stop, kLook, [this] { return is_asked; });
      if (stop.stop_requested()) return false;
      at_files_since = Clock::now();
      if (std::exchange(is_asked, false)) return true;
    }
    if (has_settled()) return true;
    const std::lock_guard lock(mutex);
    at_files_since.reset();
  }
  return false;
}

// Whether they have changed and are not being written: half a file may say that there are no
// passwords. So they must be the same as a second ago.
bool WebConfigReader::State::has_settled() {
  auto now = webconfig::look_at(files);
  const bool is_settled = now != seen && now == last;
  last = std::move(now);
  return is_settled;
}

// What replaces a configuration. Nobody means an empty file to open the doors.
base::Result<void> WebConfigReader::State::accept(const webconfig::WebConfig& config) const {
  if (webconfig::look_at(files) != seen) {
    return base::fail("web config {}: it changed while it was read", path);
  }
  const auto before = settings->get();
  const bool had_tls = before->tls != nullptr;
  const bool had_users = before->authenticator != nullptr;
  if (config == webconfig::WebConfig{} && (had_tls || had_users)) {
    return base::fail("web config {}: it is empty; to serve without TLS and passwords, start anew",
                      path);
  }
  if (had_tls && !config.tls) base::log_warn("web config {}: there is no TLS any more", path);
  if (had_users && config.users.empty()) {
    base::log_warn("web config {}: no password is needed any more", path);
  }
  return {};
}

// Looks at each file before it reads it: what changes meanwhile is seen the next time.
base::Result<void> WebConfigReader::State::read() {
  const bool is_first = files.empty();
  auto config_seen = webconfig::look_at({path});
  auto config = webconfig::read_web_config(path);
  if (!config) {
    if (files.empty()) files = {path};
    seen = webconfig::look_at(files);
    seen.front() = config_seen.front();
    return base::pass_on(config);
  }
  files = webconfig::files_of(*config, path);
  seen = webconfig::look_at(files);
  seen.front() = config_seen.front();
  if (auto named = webconfig::read_named_files(*config); !named) return named;
  if (auto accepted = is_first ? base::Result<void>() : accept(*config); !accepted) return accepted;
  const std::vector<std::string> notes = config->notes;
  if (auto set = settings->set(std::move(*config)); !set) return set;
  for (const std::string& note : notes) base::log_warn("web config {}: {}", path, note);
  warn_of_age();
  return {};
}

void WebConfigReader::State::read_again() {
  const auto result = read();
  note(result.has_value());
  if (result) {
    told.clear();
    base::log_info("web config {} is read again, and holds", path);
  } else if (result.error().message != told) {
    told = result.error().message;
    base::log_error("read the web config again: {}; what it said before holds", told);
  }
}

void WebConfigReader::State::note(bool is_successful) {
  const std::lock_guard lock(mutex);
  at_files_since.reset();
  status.is_successful = is_successful;
  if (is_successful) status.success_unix_ns = base::unix_ns();
}

void WebConfigReader::State::warn_of_age() const {
  const auto tls = settings->get()->tls;
  constexpr std::uint64_t kNsOfSecond = 1'000'000'000;
  if (!tls || tls->not_after_unix_s() > static_cast<std::int64_t>(base::unix_ns() / kNsOfSecond)) {
    return;
  }
  base::log_warn("web config {}: its certificate has expired; clients will not trust it", path);
}

}  // namespace agent
