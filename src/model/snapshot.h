// What is known at one moment, about everyone who is watched: made by `watch`, written by `expose`.
//
// Data only. Durations are nanoseconds, sizes bytes. What is not known is an empty optional (or a
// missing entry of a list) and stays absent from every output; 0 always means a counted zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/histogram.h"
#include "model/process_id.h"
#include "model/registered_series.h"

namespace model {

using Count = std::optional<std::uint64_t>;

struct GcMetrics {
  Count cycles;
  Count pause_ns_total;
  Count pause_ns_max;
  Count reclaimed_bytes;
  Count heap_used_bytes;
  Count heap_total_bytes;
  Count heap_peak_bytes;
  Count heap_live_bytes;  // in use right after the last collection
  Count trigger_bytes;
  Count last_collection_unix_ns;
  // A pool of values that the heap's own limit does not bound, where the runtime has one.
  Count cells_used;
  Count cells_total;
  Count cells_used_bytes;
  Count cells_total_bytes;
  Count heap_exhausted;
  std::optional<Histogram> pause_ns;
  std::optional<Histogram> time_to_safepoint_ns;
};

// What the evaluator counts.
struct InterpreterMetrics {
  Count evals;
  Count function_calls;
  Count builtin_calls;
  Count stack_depth_max;
  Count closures_created;
  Count env_lookups;
};

enum class ConnectionState { kNone, kConnecting, kActive, kIdle, kClosing, kClosed };

struct ConnectionTransition {
  ConnectionState from = ConnectionState::kNone;
  ConnectionState to = ConnectionState::kNone;
  std::uint64_t count = 0;
};

struct ConnectionStateDuration {
  ConnectionState state = ConnectionState::kNone;
  Histogram duration_ns;
};

// What an outermost evaluation is for.
enum class EvalKind { kScript, kRepl, kRequest, kTimer, kTask };

struct EvalMetrics {
  EvalKind kind = EvalKind::kScript;
  Histogram duration_ns;
};

// Calls of one Lisp function, what they call included.
struct FunctionMetrics {
  std::string name;
  Histogram duration_ns;
};

// A sum of durations and how many they are, of which the mean is shown.
struct DurationSum {
  std::uint64_t sum_ns = 0;
  std::uint64_t count = 0;
};

// One named client. Texts are the target's own: any bytes.
struct ClientMetrics {
  std::string name;
  std::string type;
  Count connections_active;
  Count pool_size;
  Count operations;
  Count errors;
  Count retries;
  Count cache_hits;
  Count cache_misses;
  std::optional<Histogram> duration_ns;
  std::optional<DurationSum> latency;
};

// One AIO system (an event loop with its servers and clients). `name` is the target's own text.
struct SystemMetrics {
  std::string name;
  std::vector<ConnectionTransition> transitions;
  std::vector<ConnectionStateDuration> state_durations;
  std::optional<Histogram> loop_stall_ns;
  // Where probes tell no server.
  std::optional<Histogram> request_duration_ns;
  Count request_bytes_sent;
  Count request_bytes_received;

  Count uptime_ns;
  Count loop_iterations;
  Count loop_events;
  Count loop_idle_ns;

  Count servers;
  Count clients;
  Count handles;
  Count arenas_used;
  Count arenas_total;
  Count arena_overflows;
  Count tcp_buffers_used;
  Count tcp_buffers_total;
  Count tcp_buffer_overflows;
  Count queue_depth;
  Count pending_requests;
  Count pending_responses;

  Count connections_accepted;
  Count connections_failed;
  Count connections_rejected;  // shed under load
  Count connections_connecting;
  Count connections_active;
  Count connections_idle;
  Count connections_closing;
  Count connection_pool_total;
  Count connection_pool_used;

  Count streams;
  Count streams_active;
  Count requests;
  Count requests_active;
  Count request_errors;
  Count bytes_sent;
  Count bytes_received;
};

// Classes of HTTP status codes; kOther is 600 and above and whatever is no status at all.
enum class StatusClass { k1xx, k2xx, k3xx, k4xx, k5xx, kOther };

struct StatusCount {
  StatusClass status = StatusClass::kOther;
  std::uint64_t count = 0;
};

// A request that lay in a pause, at least in part.
struct PausedRequest {
  std::uint64_t duration_ns = 0;
  std::uint64_t ended_ns = 0;  // CLOCK_MONOTONIC
  std::uint64_t heap = 0;      // of the pause: the runtime's id, and its number of the collection
  std::uint64_t cycle = 0;
};

// One listening HTTP server. Texts are the target's own: any bytes.
struct ServerMetrics {
  std::string host;
  std::string port;  // text, since the "other" entry past a limit has none
  std::string protocol;
  Count connections_active;
  std::vector<StatusCount> requests;
  std::optional<Histogram> request_duration_ns;
  std::optional<Histogram> request_eval_ns;
  Count request_gc_pause_ns;  // of all requests together, that they lay inside pauses
  std::optional<PausedRequest> paused_request;  // the last one; of no family
  Count bytes_sent;
  Count bytes_received;
  Count overload_responses;
};

// kStopped: by a signal or a debugger. kFrozen: by its cgroup's freezer. kRunning: neither; it runs
// or waits for something of its own.
enum class ProcessState { kRunning, kStopped, kFrozen };

struct ProcessStateFlag {
  ProcessState state = ProcessState::kRunning;
  bool is_so = false;
};

// A process as the kernel sees it.
struct ProcessMetrics {
  Count cpu_ns;  // user and system
  Count resident_bytes;
  Count open_fds;
  Count threads;
  Count start_unix_ns;  // as it was said first: a step of the clock does not move it
  Count age_ns;         // by a clock that nobody sets
  std::vector<ProcessStateFlag> states =
      {};  // each state there is; exactly one is so. Empty: unknown
};

// What a watched process runs, and where. An empty text: there is none.
struct ProcessIdentity {
  std::string exe;
  std::string script;
  std::string build_id;
  std::string layout;     // by which its memory is read
  std::string container;  // its id, cut to 12 digits, or its name
  std::string unit;       // the systemd service, without ".service"
  std::string pod;        // the uid of the Kubernetes pod
};

// Where the numbers of a family come from: events since attach, or what the runtime itself has
// counted since it started.
enum class Source { kProbe, kState };

struct CatalogueEntry;

struct FamilySource {
  const CatalogueEntry* family = nullptr;  // a row of the catalogue (catalogue.h)
  Source source = Source::kProbe;
  // How the numbers of this target differ from what HELP says of the family; a sentence. Empty:
  // not.
  std::string_view difference = {};
};

// How one part of collecting went, this time.
struct CollectorRun {
  std::string collector;
  std::uint64_t duration_ns = 0;
  bool success = false;
};

// What is attached to one process of one group of probes.
struct GroupStatus {
  std::string group;
  bool attached = false;
  std::uint64_t detachments = 0;  // because it cost more than --overhead.max
};

// One watched process.
struct TargetMetrics {
  std::string process;  // the `process` label; empty where one --pid is watched
  ProcessId id;
  bool up = false;                     // alive and attached
  bool has_ended = false;              // then it is not up, and nothing else is told of it
  std::uint64_t attached_unix_ns = 0;  // counts from probes start here
  ProcessIdentity identity;
  ProcessMetrics process_metrics;
  std::vector<FamilySource> sources;  // of what memory has or could have
  std::vector<GroupStatus> groups;    // of the chosen ones
  // Of its CPU time, what our probes cost it, lately. Unknown until a hit's price is known.
  std::optional<double> overhead_ratio;
  std::vector<CollectorRun> collectors;
  GcMetrics gc;
  InterpreterMetrics interpreter;
  std::vector<SystemMetrics> systems;
  std::vector<ServerMetrics> servers;
  std::vector<EvalMetrics> evals;
  std::vector<ClientMetrics> clients;
  std::vector<FunctionMetrics> functions;
  std::optional<Registry> registry;  // none: the runtime has none that we can read
};

struct ProbeStatus {
  std::string probe;  // as in the contract, such as "gc__begin"
  bool attached = false;
  std::uint64_t hits = 0;
  // That its hits cost all watched processes. Unknown: no price, or no hits yet.
  Count overhead_ns = {};
};

struct LossCount {
  std::string cause;
  std::uint64_t count = 0;
};

// Events that the runtime counted since attach and its probe did not tell of.
struct MissedCount {
  std::string event;
  std::uint64_t count = 0;
};

// Clients' connections that were closed on them, by the limit that was reached.
struct DroppedConnections {
  std::string limit;
  std::uint64_t count = 0;
};

// Requests that the exporter itself answered.
struct HttpRequestCount {
  std::string handler;
  std::string code;  // the status
  std::uint64_t count = 0;
};

// TLS handshakes with it that came to nothing.
struct FailedHandshakes {
  std::string cause;
  std::uint64_t count = 0;
};

// The exporter about itself.
// What a rule of the flight recorder led to, since the exporter started.
struct CaptureCount {
  std::string rule;
  std::uint64_t taken = 0;
  std::uint64_t suppressed = 0;  // it fired while it cooled down
};

// How many processes are in one of the states in which a process that would be watched can be.
struct TargetCount {
  std::string_view state;
  std::uint64_t count = 0;
};

// refused: it can't be watched, or not even be looked at. no_room: all places are taken.
inline constexpr std::string_view kTargetWatched = "watched";
inline constexpr std::string_view kTargetRefused = "refused";
inline constexpr std::string_view kTargetNoRoom = "no_room";

struct ExporterStatus {
  std::string version;
  std::string revision;   // of the source, as git names it, or "unknown"; empty: not told
  std::string selection;  // who is watched, in words
  std::vector<TargetCount> targets;
  std::vector<ProbeStatus> probes;
  std::vector<LossCount> lost_events;
  std::vector<MissedCount> missed_events;
  std::vector<DroppedConnections> dropped_connections;
  std::vector<HttpRequestCount> http_requests;
  Count http_requests_in_flight;
  std::vector<FailedHandshakes> failed_handshakes;  // none where no TLS is spoken
  // Of --web.config.file, where there is one.
  Count web_config_reload_successful;  // 1, or 0
  Count web_config_reload_success_unix_ns;
  Count web_certificate_not_after_unix_ns;
  std::vector<CaptureCount> captures;
  Count captures_unwritten;  // to their directory; unknown where there is none
  std::vector<CollectorRun> collectors;
  Count log_lines_dropped;
  Count hit_cost_ns;  // CPU time of one hit in a busy process on this machine, as calibrated
  ProcessMetrics process_metrics;
};

struct Snapshot {
  std::uint64_t taken_unix_ns = 0;
  ExporterStatus exporter;
  std::vector<TargetMetrics> targets;
};

}  // namespace model
