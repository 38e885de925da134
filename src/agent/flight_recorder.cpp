#include "agent/flight_recorder.h"

#include <sys/prctl.h>

#include <condition_variable>
#include <exception>
#include <optional>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/gzip.h"
#include "base/log.h"
#include "expose/trace_json.h"
#include "privilege/privilege.h"
#include "timeline/capture.h"

namespace agent {
namespace {

constexpr std::chrono::milliseconds kPeriod{200};
constexpr std::size_t kBatch = 4'096;
constexpr std::uint64_t kKeptNs = 30'000'000'000;
constexpr std::uint64_t kNsOfMs = 1'000'000;

}  // namespace

FlightRecorder::FlightRecorder(Settings settings, timeline::EventWindow& events,
                               const TraceSource& traces)
    : events_(events),
      traces_(traces),
      epoch_(std::move(settings.epoch)),
      judge_(std::move(settings.rules)) {
  for (const timeline::CaptureRule& rule : judge_.rules()) counts_.push_back({rule.text, 0, 0});
}

base::Result<std::unique_ptr<FlightRecorder>> FlightRecorder::start(Settings settings,
                                                                    timeline::EventWindow& events,
                                                                    const TraceSource& traces) {
  auto directory = std::move(settings.directory);
  TakeProfile profile = std::move(settings.profile);
  std::unique_ptr<FlightRecorder> recorder(new FlightRecorder(std::move(settings), events, traces));
  if (directory) {
    auto files = CaptureFiles::start(std::move(*directory), recorder->store_);
    if (!files) return base::pass_on(files);
    recorder->files_ = std::move(*files);
  }
  if (recorder->judge_.rules().empty()) return recorder;
  auto profiler = CaptureProfiler::start(
      std::move(profile), [self = recorder.get()](std::shared_ptr<const model::Capture> capture) {
        self->replace(std::move(capture));
      });
  if (!profiler) return base::pass_on(profiler);
  recorder->profiler_ = std::move(*profiler);
  try {
    recorder->thread_ =
        std::jthread([self = recorder.get()](const std::stop_token& stop) { self->run(stop); });
  } catch (const std::system_error& error) {
    return base::fail("start a thread for captures: {}", error.what());
  }
  return recorder;
}

void FlightRecorder::run(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "captures");
  // Refused: then it has what it needs and more.
  (void)privilege::keep_only(privilege::Task::kNothing);
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, stop, kPeriod, [&] { return stop.stop_requested(); })) {
    try {
      look();
    } catch (const std::exception& error) {
      base::log_error("take a capture: {}", error.what());
    }
  }
}

void FlightRecorder::look() {
  for (bool has_more = true; has_more;) {
    const model::TimelinePart part = events_.read(next_, kBatch, std::nullopt);
    for (const model::TimelineEvent& event : part.events) judge_.see(event);
    if (!part.events.empty()) next_ = part.events.back().sequence + 1;
    has_more = part.events.size() == kBatch;
  }
  for (const timeline::Firing& firing : judge_.take_due(base::monotonic_ns())) take(firing);
  const std::lock_guard lock(mutex_);
  for (std::size_t rule = 0; rule < counts_.size(); ++rule) {
    counts_[rule].suppressed = judge_.suppressed()[rule];
  }
}

// The timeline has its event first, so that the trace has it, too.
void FlightRecorder::take(const timeline::Firing& firing) {
  const std::uint64_t now_ns = base::monotonic_ns();
  const std::uint64_t unix_ms = base::unix_ns_of(firing.fired_ns) / kNsOfMs;
  const std::string id = timeline::make_capture_id(unix_ms, epoch_, ++number_);
  const std::string& rule = judge_.rules()[firing.rule].text;
  events_.add({0, firing.process, firing.fired_ns, now_ns, model::CaptureEvent{id, rule}});
  const std::uint64_t from_ns = now_ns > kKeptNs ? now_ns - kKeptNs : 0;
  const auto parts = traces_.read(from_ns, now_ns, firing.process);
  if (!parts) return base::log_error("take capture {}: {}", id, parts.error().message);
  const expose::Trace trace = expose::write_trace(*parts);
  auto compressed = base::gzip(trace.json);
  if (!compressed) return base::log_error("take capture {}: out of memory", id);
  auto capture = std::make_shared<const model::Capture>(model::Capture{
      {id, rule, firing.process, unix_ms, trace.first_sequence, trace.last_sequence, trace.events},
      {{std::string(model::kTraceAttachment), std::move(*compressed)}}});
  std::vector<std::string> gone = store_->add(capture);
  if (files_) {
    files_->write(capture);
    files_->remove(std::move(gone));
  }
  profiler_->add(std::move(capture));
  base::log_info("capture {}: {} (process \"{}\")", id, rule, firing.process);
  const std::lock_guard lock(mutex_);
  ++counts_[firing.rule].taken;
}

// It may have had to go meanwhile.
void FlightRecorder::replace(std::shared_ptr<const model::Capture> capture) {
  auto gone = store_->replace(capture);
  if (!gone || !files_) return;
  files_->write(std::move(capture));
  files_->remove(std::move(*gone));
}

void FlightRecorder::tell(model::ExporterStatus& status) const {
  if (files_) status.captures_unwritten = files_->unwritten();
  const std::lock_guard lock(mutex_);
  status.captures = counts_;
}

}  // namespace agent
