#include <array>

#include "model/catalogue/rows.h"
#include "model/derived.h"

namespace model {
namespace {

using enum Kind;
using enum Preference;
using enum Unit;
using enum JsonUnit;

constexpr std::array kRows{
    CatalogueEntry{.name = "valkyria_up",
                   .kind = kGauge,
                   .from = kKernel,
                   .member = &TargetMetrics::up,
                   .help = "1 while the watched process is alive and its probes or its memory tell "
                           "of it, else 0."},
    CatalogueEntry{.name = "valkyria_process_info",
                   .kind = kInfo,
                   .from = kKernel,
                   .member = &TargetMetrics::identity,
                   .help = "What the watched process is; the value is always 1."},
    CatalogueEntry{.name = "valkyria_process_cpu_seconds_total",
                   .kind = kCounter,
                   .from = kKernel,
                   .member = &ProcessMetrics::cpu_ns,
                   .help = "Of the watched process: CPU time in seconds, user and system, since "
                           "the process started.",
                   .unit = kNanoseconds,
                   .json = {"process.cpu_us_total", {}, kMicroseconds}},
    CatalogueEntry{.name = "valkyria_process_resident_memory_bytes",
                   .kind = kGauge,
                   .from = kKernel,
                   .member = &ProcessMetrics::resident_bytes,
                   .help = "Of the watched process: Resident memory in bytes.",
                   .json = {"process.resident_memory_bytes"}},
    CatalogueEntry{.name = "valkyria_process_open_fds",
                   .kind = kGauge,
                   .from = kKernel,
                   .member = &ProcessMetrics::open_fds,
                   .help = "Of the watched process: Open file descriptors.",
                   .json = {"process.open_fds"}},
    CatalogueEntry{.name = "valkyria_process_threads",
                   .kind = kGauge,
                   .from = kKernel,
                   .member = &ProcessMetrics::threads,
                   .help = "Of the watched process: Threads.",
                   .json = {"process.threads"}},
    CatalogueEntry{.name = "valkyria_process_start_time_seconds",
                   .kind = kGauge,
                   .from = kKernel,
                   .member = &ProcessMetrics::start_unix_ns,
                   .help = "Of the watched process: Start time in seconds since 1970.",
                   .unit = kNanoseconds,
                   .json = {"process.start_unix_ms", {}, kMilliseconds}},
    CatalogueEntry{.name = "valkyria_process_state",
                   .kind = kGauge,
                   .from = kKernel,
                   .member = &ProcessMetrics::states,
                   .help = "Of the watched process: 1 for the state that it is in, else 0: stopped "
                           "(by a signal or a debugger), frozen (by its cgroup), running "
                           "(neither)."},
    CatalogueEntry{.name = "valkyria_probe_group_attached",
                   .kind = kGauge,
                   .from = kAttachment,
                   .member = &GroupStatus::attached,
                   .help = "1 while probes of the group are attached to the watched process, else "
                           "0: it costs too much, the process has none, or memory tells all that "
                           "they would."},
    CatalogueEntry{.name = "valkyria_probe_group_detachments_total",
                   .kind = kCounter,
                   .from = kAttachment,
                   .member = &GroupStatus::detachments,
                   .help = "Times that the group was detached from the watched process because its "
                           "probes cost more than --overhead.max."},
    CatalogueEntry{.name = "valkyria_probe_overhead_ratio",
                   .kind = kGauge,
                   .from = kAttachment,
                   .member = &TargetMetrics::overhead_ratio,
                   .help = "What probes cost the watched process, of its CPU time, over the last "
                           "ten seconds: their hits, at the calibrated price of one. An upper "
                           "bound, since a hit costs less where it comes often."},
    CatalogueEntry{
        .name = "valkyria_exporter_build_info",
        .kind = kInfo,
        .from = kExporter,
        .member = &ExporterStatus::version,
        .help = "Version of the exporter, and the revision of its source; the value is always 1."},
    CatalogueEntry{.name = "valkyria_exporter_targets",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &TargetCount::count,
                   .help = "Processes that are selected, by what becomes of them: watched, refused "
                           "(they can't be watched, or we lack the rights to look at them; the log "
                           "says why), no_room (all places are taken, --max-targets)."},
    CatalogueEntry{.name = "valkyria_exporter_probe_attached",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ProbeStatus::attached,
                   .help = "1 while the probe is attached to a watched process, else 0: it has "
                           "none, its group is not chosen or costs too much, or memory tells all "
                           "that it would."},
    CatalogueEntry{.name = "valkyria_exporter_probe_hits_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &ProbeStatus::hits,
                   .help = "Times that the probe fired since the exporter started.",
                   .derived = counted_hits},
    CatalogueEntry{.name = "valkyria_exporter_probe_overhead_seconds_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &ProbeStatus::overhead_ns,
                   .help = "CPU time in seconds that the probe's hits cost the watched processes "
                           "since the exporter started, at the calibrated price of one.",
                   .unit = kNanoseconds},
    CatalogueEntry{.name = "valkyria_exporter_probe_hit_cost_seconds",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ExporterStatus::hit_cost_ns,
                   .help = "CPU time in seconds that one hit of a probe costs a busy process on "
                           "this machine, as calibrated when the exporter started.",
                   .unit = kNanoseconds},
    CatalogueEntry{
        .name = "valkyria_exporter_lost_events_total",
        .kind = kCounter,
        .from = kExporter,
        .member = &LossCount::count,
        .help = "Events that the exporter could not count or keep since it started, by cause."},
    CatalogueEntry{.name = "valkyria_exporter_log_lines_dropped_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &ExporterStatus::log_lines_dropped,
                   .help = "Log lines dropped because whoever reads the log does not keep up.",
                   .json = {"exporter.log_lines_dropped"}},
    CatalogueEntry{.name = "valkyria_exporter_missed_events_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &MissedCount::count,
                   .help = "Events that the runtime itself counted since attach and whose probe "
                           "did not fire for the exporter."},
    CatalogueEntry{.name = "valkyria_exporter_http_connections_dropped_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &DroppedConnections::count,
                   .help = "Connections that the exporter closed on their clients, by the limit "
                           "that was reached: connections (too many were open), descriptors (this "
                           "process had none left), memory (too much waited to be read), "
                           "slow_read, slow_head (the client took too long)."},
    CatalogueEntry{.name = "valkyria_exporter_http_requests_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &HttpRequestCount::count,
                   .help = "Requests that the exporter answered since it started, by status, and "
                           "by what answered: metrics, debug, landing, health, other (nothing is "
                           "served there), none (refused before its path was looked at)."},
    CatalogueEntry{.name = "valkyria_exporter_http_requests_in_flight",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ExporterStatus::http_requests_in_flight,
                   .help = "Requests that the exporter is answering, or that wait for it: with "
                           "this scrape's own."},
    CatalogueEntry{.name = "valkyria_exporter_http_handshakes_failed_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &FailedHandshakes::count,
                   .help = "TLS handshakes with the exporter that came to nothing since it "
                           "started, by cause: slow (the client took too long), certificate (the "
                           "client's is not let in), protocol (no version or cipher in common, or "
                           "no TLS at all)."},
    CatalogueEntry{.name = "valkyria_exporter_web_config_last_reload_successful",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ExporterStatus::web_config_reload_successful,
                   .help = "1 if --web.config.file, with the files that it names, could be used "
                           "when it was last read; 0: what it said before holds."},
    CatalogueEntry{.name = "valkyria_exporter_web_config_last_reload_success_timestamp_seconds",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ExporterStatus::web_config_reload_success_unix_ns,
                   .help = "When --web.config.file was last read and could be used, in seconds "
                           "since 1970.",
                   .unit = kNanoseconds},
    CatalogueEntry{.name = "valkyria_exporter_web_certificate_not_after_timestamp_seconds",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ExporterStatus::web_certificate_not_after_unix_ns,
                   .help = "Until when the certificate that the exporter shows to its clients "
                           "holds, in seconds since 1970.",
                   .unit = kNanoseconds},
    CatalogueEntry{.name = "valkyria_exporter_captures_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &CaptureCount::taken,
                   .help = "Captures that the flight recorder took since the exporter started, by "
                           "the rule that fired (--capture.when)."},
    CatalogueEntry{.name = "valkyria_exporter_captures_suppressed_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &CaptureCount::suppressed,
                   .help = "Times that a rule of the flight recorder fired within 30 s after it "
                           "had fired for the same process, and nothing was taken."},
    CatalogueEntry{.name = "valkyria_exporter_captures_unwritten_total",
                   .kind = kCounter,
                   .from = kExporter,
                   .member = &ExporterStatus::captures_unwritten,
                   .help = "Captures that could not be written to --capture.dir, because the disk "
                           "is full, fails, or does not answer. They are kept in memory."},
    CatalogueEntry{.name = "valkyria_exporter_collector_duration_seconds",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &CollectorRun::duration_ns,
                   .help = "Seconds that the collector took for this scrape.",
                   .unit = kNanoseconds},
    CatalogueEntry{.name = "valkyria_exporter_collector_success",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &CollectorRun::success,
                   .help = "1 if the collector succeeded for this scrape, else 0."},
    CatalogueEntry{
        .name = "process_cpu_seconds_total",
        .kind = kCounter,
        .from = kExporter,
        .member = &ProcessMetrics::cpu_ns,
        .help = "Of the exporter: CPU time in seconds, user and system, since the process started.",
        .unit = kNanoseconds},
    CatalogueEntry{.name = "process_resident_memory_bytes",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ProcessMetrics::resident_bytes,
                   .help = "Of the exporter: Resident memory in bytes."},
    CatalogueEntry{.name = "process_open_fds",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ProcessMetrics::open_fds,
                   .help = "Of the exporter: Open file descriptors."},
    CatalogueEntry{.name = "process_threads",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ProcessMetrics::threads,
                   .help = "Of the exporter: Threads."},
    CatalogueEntry{.name = "process_start_time_seconds",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &ProcessMetrics::start_unix_ns,
                   .help = "Of the exporter: Start time in seconds since 1970.",
                   .unit = kNanoseconds},
    CatalogueEntry{.name = "valkyria_exporter_registered_series_dropped",
                   .kind = kGauge,
                   .from = kExporter,
                   .member = &DroppedSeries::count,
                   .help = "Series that applications registered with the runtime and that this "
                           "scrape leaves out, by reason."},
};

}  // namespace

std::span<const CatalogueEntry> exporter_rows() {
  return kRows;
}

}  // namespace model
