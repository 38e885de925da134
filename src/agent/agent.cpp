#include "agent/agent.h"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "http/web_settings.h"
#include "privilege/capabilities.h"
#include "privilege/privilege.h"
#include "probe/attach_method.h"
#include "probe/kernel.h"
#include "timeline/exemplars.h"

namespace agent {

using base::Result;

namespace {

constexpr std::uint64_t kNsOfSecond = 1'000'000'000;

std::vector<model::DroppedConnections> dropped_connections(const http::DropCounts& counts) {
  return {{"connections", counts.connections},
          {"descriptors", counts.descriptors},
          {"memory", counts.memory},
          {"slow_read", counts.slow_reads},
          {"slow_head", counts.slow_heads}};
}

std::vector<model::HttpRequestCount> http_requests(const http::RequestCounts& counts) {
  std::vector<model::HttpRequestCount> all;
  for (const auto& one : counts.read()) {
    all.push_back({std::string(one.handler), std::to_string(one.status), one.count});
  }
  return all;
}

std::vector<model::FailedHandshakes> failed_handshakes(const http::DropCounts& counts) {
  return {{"slow", counts.slow_handshakes},
          {"certificate", counts.refused_certificates},
          {"protocol", counts.failed_handshakes}};
}

// None: no file was named.
Result<std::unique_ptr<WebConfigReader>> read_web_config(const Config& config,
                                                         const http::Server& server) {
  if (config.web_config_file.empty()) return nullptr;
  return WebConfigReader::start(config.web_config_file, server.settings());
}

// Sequences of another start mean other events.
std::string make_epoch() {
  std::random_device random;
  return fmt::format("{:08x}", random());
}

// The directory is opened while we still may: files in it are made by its descriptor.
Result<FlightRecorder::Settings> settings_of(const CaptureConfig& config) {
  FlightRecorder::Settings settings;
  settings.rules = config.rules;
  if (config.directory.empty()) return settings;
  auto directory = timeline::CaptureDirectory::open(config.directory);
  if (!directory) return pass_on(directory);
  settings.directory = std::make_unique<timeline::CaptureDirectory>(std::move(*directory));
  return settings;
}

void tell_what_is_absent() {
  const std::string absent =
      privilege::absent_without(privilege::effective_capabilities(), ::geteuid() == 0);
  if (!absent.empty()) base::log_info("not all rights are there: {}", absent);
}

}  // namespace

Agent::Agent(std::unique_ptr<watch::Collector> collector, std::unique_ptr<http::Server> server,
             std::unique_ptr<WebConfigReader> web_config)
    : collector_(std::move(collector)),
      epoch_(make_epoch()),
      events_(epoch_),
      profiles_(std::make_shared<KeptProfiles>(epoch_)),
      web_config_(std::move(web_config)),
      server_(std::move(server)) {}

// Threads have what they need before we give up everything: serving needs nothing.
Result<std::unique_ptr<Agent>> Agent::start(const Config& config) {
  const bool by_perf_events = probe::best_attach_method() == probe::AttachMethod::kPerfEvent;
  if (auto allowed = privilege::require_to_attach(by_perf_events); !allowed) {
    return pass_on(allowed);
  }
  if (auto possible = watch::check_selection(config.watch); !possible) return pass_on(possible);
  probe::redirect_libbpf_log();
  if (auto able = probe::check_kernel(); !able) return pass_on(able);
  auto recording = settings_of(config.capture);
  if (!recording) return pass_on(recording);
  auto server = http::Server::listen(config.web);
  if (!server) return pass_on(server);
  if (auto begun = privilege::begin(by_perf_events); !begun) return pass_on(begun);
  tell_what_is_absent();
  auto web_config = read_web_config(config, **server);
  if (!web_config) return pass_on(web_config);
  auto collector = watch::Collector::start(config.watch);
  if (!collector) return pass_on(collector);
  if (auto dropped = privilege::keep_only(privilege::Task::kNothing); !dropped) {
    return pass_on(dropped);
  }
  std::unique_ptr<Agent> agent(
      new Agent(std::move(*collector), std::move(*server), std::move(*web_config)));
  if (auto records = agent->record(std::move(*recording)); !records) return pass_on(records);
  if (auto served = agent->serve(config.watch.profile.max_hz); !served) return pass_on(served);
  if (config.watch.profile.is_continuous) agent->profile_continuously();
  if (auto fed = agent->feed(); !fed) return pass_on(fed);
  return agent;
}

Result<model::Snapshot> Agent::collect(std::chrono::steady_clock::time_point deadline,
                                       const model::Wanted& wanted) {
  auto snapshot = collector_->collect(deadline, wanted);
  if (snapshot) {
    tell_of_server(snapshot->exporter);
    timeline::add_exemplars(*snapshot, events_);
    recorder_->tell(snapshot->exporter);
  }
  return snapshot;
}

void Agent::tell_of_server(model::ExporterStatus& exporter) const {
  exporter.dropped_connections = dropped_connections(server_->drop_counts());
  exporter.http_requests = http_requests(server_->request_counts());
  exporter.http_requests_in_flight = server_->request_counts().in_flight();
  if (const auto tls = server_->settings()->get()->tls) {
    exporter.failed_handshakes = failed_handshakes(server_->drop_counts());
    const std::int64_t not_after_s = std::max<std::int64_t>(tls->not_after_unix_s(), 0);
    exporter.web_certificate_not_after_unix_ns =
        static_cast<std::uint64_t>(not_after_s) * kNsOfSecond;
  }
  if (!web_config_) return;
  const WebConfigReader::Status status = web_config_->status();
  exporter.web_config_reload_successful = status.is_successful ? 1 : 0;
  exporter.web_config_reload_success_unix_ns = status.success_unix_ns;
}

bool Agent::serves_tls() const {
  return server_->settings()->get()->tls != nullptr;
}

bool Agent::reload_web_config() {
  if (!web_config_) return false;
  web_config_->reload();
  return true;
}

Result<void> Agent::record(FlightRecorder::Settings settings) {
  settings.epoch = epoch_;
  settings.profile = [this](const model::ProfileRequest& request, const std::stop_token& stop) {
    return collector_->profiler().take(request, stop);
  };
  auto recorder = FlightRecorder::start(std::move(settings), events_, traces_);
  if (!recorder) return pass_on(recorder);
  recorder_ = std::move(*recorder);
  return {};
}

void Agent::profile_continuously() {
  collector_->profiler().profile_continuously(
      [profiles = profiles_](const model::Profile& profile) { profiles->add(profile); });
}

Result<void> Agent::serve(std::uint32_t max_profile_hz) {
  http::Sources sources;
  sources.snapshot = [this](auto deadline, const model::Wanted& wanted) {
    return collect(deadline, wanted);
  };
  sources.unready = [this] { return collector_->unready(); };
  sources.events = [this](std::uint64_t since, std::size_t limit,
                          const std::optional<std::string>& process) {
    return events_.read(since, limit, process);
  };
  sources.history = [this](const std::optional<std::string>& process, std::size_t seconds) {
    return history_.read(process, seconds);
  };
  sources.trace = [this](std::uint64_t seconds, const std::optional<std::string>& process) {
    const std::uint64_t now_ns = base::monotonic_ns();
    const std::uint64_t from_ns = now_ns - std::min(now_ns, seconds * kNsOfSecond);
    return traces_.read(from_ns, now_ns, process);
  };
  sources.captures = [this] { return recorder_->list(); };
  sources.profile = [this](const model::ProfileRequest& request, const std::stop_token& stop) {
    return collector_->profiler().take(request, stop);
  };
  sources.max_profile_hz = max_profile_hz;
  sources.keep_profile = [this](const model::Profile& profile) { return profiles_->add(profile); };
  sources.kept_profiles = [this] { return profiles_->list(); };
  return privilege::run_with_only(privilege::Task::kServe,
                                  [&] { return server_->serve(std::move(sources)); });
}

// Whoever follows is told of what they find, so the server is there already.
Result<void> Agent::feed() {
  auto source = collector_->open_events();
  if (!source) return pass_on(source);
  auto events = EventFeed::start(std::move(*source), events_, [this] { server_->tell_events(); });
  if (!events) return pass_on(events);
  event_feed_ = std::move(*events);
  auto seconds =
      SecondFeed::start([this](auto deadline) { return collect(deadline); }, history_, events_,
                        [this](std::shared_ptr<const model::Snapshot> snapshot) {
                          traces_.note(*snapshot);
                          server_->tell_snapshot(std::move(snapshot));
                        });
  if (!seconds) return pass_on(seconds);
  second_feed_ = std::move(*seconds);
  return {};
}

}  // namespace agent
