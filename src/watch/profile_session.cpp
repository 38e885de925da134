#include "watch/profile_session.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "target/code_map.h"
#include "target/memory_map.h"
#include "target/process.h"
#include "target/process_metrics.h"

namespace watch {
namespace {

using base::Result;
using Clock = std::chrono::steady_clock;

// Unwinding takes microseconds a sample, but the first ones wait for the files' call frames, half a
// second's work, of a process that is served last on a busy machine.
constexpr std::chrono::seconds kAnswer{20};
constexpr unsigned kTicksPerLook = 4;  // at threads
constexpr std::chrono::milliseconds kTick{100};
// Of a profile that nobody waits for, and that goes on all the time.
constexpr std::chrono::milliseconds kSlowTick{250};
constexpr std::uint32_t kMaxSlowHz = 25;
// What goes to the confined process at once: some 8 MiB of stacks.
constexpr std::size_t kMaxBatch = 128;

std::vector<model::ProfileMapping> mappings_of(const target::CodeMap& code) {
  std::vector<model::ProfileMapping> mappings;
  for (const target::CodeMapping& mapping : code.mappings) {
    const target::CodeFile& file = code.files[mapping.file];
    mappings.push_back({mapping.begin, mapping.end, mapping.offset, file.file.path, file.build_id});
  }
  return mappings;
}

// The stacks go there and are not needed here any more.
std::vector<profile::StackRequest> take_requests(std::vector<model::StackSample>& samples) {
  std::vector<profile::StackRequest> requests;
  requests.reserve(samples.size());
  for (model::StackSample& sample : samples) {
    requests.push_back({sample.registers, sample.stack_address, std::move(sample.stack)});
  }
  return requests;
}

// Where the runtime has its Lisp functions, by its layout. Null: nobody knows, and their frames
// stay the evaluator's.
std::unique_ptr<state::LispFunctions> open_lisp(Surroundings& surroundings, const Watched& target) {
  const target::Program& program = *target.identity().program;
  const auto found = surroundings.layouts.find(program);
  const auto mappings = target::read_maps(surroundings.proc_root, target.pid());
  if (!found || !mappings) return nullptr;
  const auto load_bias = target::find_load_bias(*mappings, program.executable, program.segments);
  if (!load_bias) return nullptr;
  return state::open_lisp_functions(found->layout, *load_bias);
}

}  // namespace

// What a session is made of.
struct ProfileSession::Parts {
  std::vector<model::ProfileMapping> mappings;
  profile::UnwindProcess unwinder;
  probe::Sampler sampler;
  std::unique_ptr<state::LispFunctions> lisp;
};

// The unwinding process reads its files before the first sample is taken: what is read late is
// sampled late.
Result<std::unique_ptr<ProfileSession>> ProfileSession::begin(
    std::shared_ptr<Surroundings> surroundings, std::shared_ptr<const Watched> target,
    const Config& config, std::uint32_t hz) {
  const auto code = target::read_code_map(surroundings->proc_root, target->pid());
  if (!code) return pass_on(code);
  auto lisp = open_lisp(*surroundings, *target);
  auto unwinder =
      profile::UnwindProcess::start(*code, config.layouts.debug_directories,
                                    lisp ? lisp->call_sites() : std::vector<elf::CallSite>());
  if (!unwinder) return pass_on(unwinder);
  if (auto ready = unwinder->find({}, {Clock::now() + kAnswer, {}}); !ready) return pass_on(ready);
  auto sampler = probe::Sampler::open(surroundings->programs, {hz, config.profile.stack_bytes});
  if (!sampler) return pass_on(sampler);
  if (target->has_ended()) {
    return base::fail(base::Cause::kGone, "profile pid {}: it has ended", target->pid());
  }
  std::unique_ptr<ProfileSession> session(new ProfileSession(
      std::move(surroundings), std::move(target), config, hz,
      {mappings_of(*code), std::move(*unwinder), std::move(*sampler), std::move(lisp)}));
  if (session->lisp_) session->lisp_->prepare(session->memory_);
  session->begin_part();
  auto added = session->sampler_.add(session->target_->identity().slot,
                                     session->lisp_ ? session->lisp_->chain() : std::nullopt,
                                     session->lisp_ ? session->lisp_->evaluation() : std::nullopt);
  if (!added) return pass_on(added);
  return session;
}

ProfileSession::ProfileSession(std::shared_ptr<Surroundings> surroundings,
                               std::shared_ptr<const Watched> target, const Config& config,
                               std::uint32_t hz, Parts parts)
    : surroundings_(std::move(surroundings)),
      target_(std::move(target)),
      version_(config.version),
      hz_(hz),
      unwinder_(std::move(parts.unwinder)),
      sampler_(std::move(parts.sampler)),
      lisp_(std::move(parts.lisp)),
      memory_(target::living_directory(surroundings_->proc_root, target_->pid()), target_->pid()),
      thread_names_(surroundings_->proc_root),
      thread_time_(surroundings_->proc_root, target_->pid()),
      aggregate_(
          std::move(parts.mappings),
          [this](const model::LispFrame& frame) { return lisp_name(frame); },
          [this](std::uint32_t thread) {
            return thread_names_.get(target_->pid(), thread, base::monotonic_ns());
          }) {}

std::optional<std::string> ProfileSession::lisp_name(const model::LispFrame& frame) {
  return lisp_ ? lisp_->name(frame, memory_) : std::string();
}

std::chrono::milliseconds ProfileSession::tick_time() const {
  return hz_ <= kMaxSlowHz ? kSlowTick : kTick;
}

Result<void> ProfileSession::tick() {
  if (ticks_++ % kTicksPerLook == 0) look_at_threads();
  return take_samples();
}

Result<void> ProfileSession::take_samples() {
  std::vector<model::StackSample> samples;
  sampler_.take([&](model::StackSample sample) { samples.push_back(std::move(sample)); });
  for (std::size_t first = 0; first < samples.size(); first += kMaxBatch) {
    const auto begin = samples.begin() + static_cast<std::ptrdiff_t>(first);
    const auto count = std::min(kMaxBatch, samples.size() - first);
    std::vector<model::StackSample> batch(
        std::make_move_iterator(begin),
        std::make_move_iterator(begin + static_cast<std::ptrdiff_t>(count)));
    const auto requests = take_requests(batch);
    const auto found = unwinder_.find(requests, {Clock::now() + kAnswer, {}});
    if (!found) return pass_on(found);
    aggregate_.add(batch, *found);
  }
  return {};
}

void ProfileSession::look_at_threads() {
  const auto view = target_->view();
  const bool tells_of_pauses = view && view->attached.probes.test(VALK_PROBE_GC_BEGIN);
  thread_time_.look(Clock::now(), tells_of_pauses
                                      ? sampler_.has_open_pause(target_->identity().slot)
                                      : std::nullopt);
}

model::Count ProfileSession::cpu_ns() const {
  return target::read_process_metrics(surroundings_->proc_root, target_->pid()).cpu_ns;
}

void ProfileSession::begin_part() {
  begun_ns_ = base::monotonic_ns();
  begun_unix_ns_ = base::unix_ns();
  begun_lost_ = sampler_.lost(target_->identity().slot);
  begun_cpu_ns_ = cpu_ns();
}

model::Profile ProfileSession::cut() {
  look_at_threads();
  const Identity& identity = target_->identity();
  model::Profile profile = aggregate_.take();
  profile.process = identity.name;
  profile.pid = target_->pid();
  profile.exe = identity.program->executable.path;
  profile.build_id = identity.program->build_id;
  profile.exporter_version = version_;
  profile.begun_unix_ns = begun_unix_ns_;
  profile.duration_ns = base::monotonic_ns() - begun_ns_;
  profile.hz = hz_;
  profile.counts.lost = sampler_.lost(identity.slot) - begun_lost_;
  if (const auto now = cpu_ns(); now && begun_cpu_ns_ && *now >= *begun_cpu_ns_) {
    profile.cpu_ns = *now - *begun_cpu_ns_;
  }
  profile.time = thread_time_.take(profile.cpu_ns);
  begin_part();
  return profile;
}

}  // namespace watch
