#include "command/profile.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <thread>
#include <utility>

#include "command/build_facts.h"
#include "command/end_signals.h"
#include "command/print.h"
#include "command/write_file.h"
#include "expose/flame_page.h"
#include "expose/folded.h"
#include "expose/pprof.h"
#include "expose/profile_words.h"
#include "expose/speedscope.h"
#include "inspect/profile.h"
#include "profile/unwind_process.h"

namespace command {
namespace {

using base::Result;
using Clock = std::chrono::steady_clock;

constexpr const char* kStdout = "-";

struct Format {
  std::string_view name;
  std::string_view ending;
};
// The first one is what is written where nothing else was said.
constexpr std::array kFormats{Format{"flamegraph", ".html"}, Format{"pprof", ".pb.gz"},
                              Format{"folded", ".folded"}, Format{"speedscope", ".json"}};

const Format& format_of(const ProfileOptions& options) {
  const auto* const found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& format) {
        return options.format.empty() ? options.output.ends_with(format.ending)
                                      : options.format == format.name;
      });
  return found != kFormats.end() ? *found : kFormats.front();
}

Result<std::string> write_flame_graph(const model::Profile& profile) {
  expose::FlameExtras extras;
  if (const auto pprof = expose::write_pprof(profile)) {
    extras.links.push_back(
        {"pprof", expose::inline_file("application/octet-stream", *pprof), "profile.pb.gz"});
  }
  return expose::write_flame_page(expose::write_profile_json(profile), extras);
}

Result<std::string> write(const model::Profile& profile, std::string_view format) {
  if (format == "flamegraph") return write_flame_graph(profile);
  if (format == "folded") return expose::write_folded(profile, expose::ThreadFrame::kFirst);
  if (format == "speedscope") return expose::write_speedscope(profile);
  auto pprof = expose::write_pprof(profile);
  if (!pprof) return base::fail("write the profile: out of memory");
  return std::move(*pprof);
}

// Until the profile is there: takes signals, and says how far it is where somebody looks.
class Progress {
 public:
  Progress(int pid, std::chrono::seconds duration, const sigset_t& signals)
      : thread_([=, this](const std::stop_token& done) { run(pid, duration, signals, done); }) {}

  std::stop_token asked_to_end() const { return end_.get_token(); }

 private:
  void run(int pid, std::chrono::seconds duration, const sigset_t& signals,
           const std::stop_token& done) {
    constexpr timespec kStep{0, 100'000'000};
    const bool is_seen = ::isatty(STDERR_FILENO) == 1;
    const auto begun = Clock::now();
    while (!done.stop_requested()) {
      if (::sigtimedwait(&signals, nullptr, &kStep) > 0) end_.request_stop();
      if (!is_seen) continue;
      const auto passed = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begun);
      fmt::print(stderr, "\rprofiling pid {}: {} of {} s; Ctrl-C ends it with what there is ", pid,
                 std::min(passed, duration).count(), duration.count());
    }
    if (is_seen) fmt::print(stderr, "\r\x1b[K");
  }

  std::stop_source end_;
  std::jthread thread_;
};

Result<model::Profile> take(const ProcessOptions& process, const ProfileOptions& options) {
  watch::Config config;
  config.version = version();
  config.revision = revision();
  config.selection.one = {process.pid};
  config.layouts = process.layouts;
  config.proc_root = process.proc_root;
  config.groups = {probe::Group::kGc};  // tells of pauses
  config.max_overhead = std::nullopt;
  config.profile.max_hz = options.hz;
  config.profile.stack_bytes = options.stack_bytes;
  const model::ProfileRequest request{std::nullopt, std::chrono::seconds(options.seconds),
                                      options.hz};
  const sigset_t signals = block_end_signals();
  Progress progress(process.pid, request.duration, signals);
  return inspect::take_profile(config, request, progress.asked_to_end());
}

void tell(const model::Profile& profile, const std::string& path) {
  fmt::print(stderr, "{} samples in {:.3g} s: {}\n", profile.counts.samples,
             static_cast<double>(profile.duration_ns) / 1e9, path);
  if (const std::string time = expose::thread_time_words(profile.time); !time.empty()) {
    fmt::print(stderr, "{}\n", time);
  }
  for (const std::string& sentence : expose::caveats(profile)) fmt::print(stderr, "{}\n", sentence);
}

}  // namespace

Result<int> run_profile(const ProcessOptions& process, const ProfileOptions& options) {
  const Format& format = format_of(options);
  if (options.output == kStdout && format.name == "pprof" && ::isatty(STDOUT_FILENO) == 1) {
    return base::fail("write pprof to a terminal: it is not text; give -o FILE");
  }
  const auto profile = take(process, options);
  if (!profile) return base::pass_on(profile);
  const auto text = write(*profile, format.name);
  if (!text) return base::pass_on(text);
  const std::string path = options.output.empty()
                               ? fmt::format("profile-{}-{}{}", profile->pid,
                                             profile->begun_unix_ns / 1'000'000'000, format.ending)
                               : options.output;
  const auto written = path == kStdout ? print(*text) : write_file(path, *text);
  if (!written) return base::pass_on(written);
  tell(*profile, path == kStdout ? "written to stdout" : path);
  return 0;
}

int run_unwind_confined(std::size_t files) {
  return profile::run_unwind_confined(files);
}

}  // namespace command
