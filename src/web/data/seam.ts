// What the exporter sends, as it sends it: /debug/events, /debug/gc-events, /debug/history and the
// document of one target, which is that of /debug/metrics. Times are milliseconds since 1970,
// durations milliseconds, sizes bytes; what is not known is null, or missing in the document.

// One time zone for all of the page.
export type Zone = 'local' | 'utc';

// How a number is written for people, its unit included. `base` is what its prefixes are powers of,
// `whole`: there are no halves of it.
export interface Unit {
  format(value: number): string;
  base?: 1000 | 1024;
  whole?: boolean;
}

// Never told by colour alone.
export type Severity = 'ok' | 'warn' | 'crit' | 'unknown';

// The name of a colour of style.css, a custom property without its two dashes.
export type Tone =
  | 'tone-a' | 'tone-b' | 'tone-c' | 'tone-d' | 'tone-e' | 'tone-f'
  | 'ok' | 'warn' | 'crit' | 'quiet';

interface EventBase {
  seq: number; // rises by 1, in one life of the exporter
  process: string; // "" where one process is watched by its pid
  unix_ms: number; // when it began
}

export interface Arrival {
  tid: number;
  name: string;
  after_ms: number; // from the request on
}

export interface GcEvent extends EventBase {
  kind: 'gc';
  cycle: number | null;
  heap: number;
  reason: string | null;
  world_stopped: boolean | null;
  safepoint_ms: number | null;
  pause_ms: number | null;
  used_before: number | null;
  used_after: number | null;
  total: number | null;
  reclaimed: number | null;
  trigger: number | null;
  requests_hit: number | null;
  last_thread: { tid: number; name: string } | null;
  arrivals: Arrival[];
}

export interface StallEvent extends EventBase {
  kind: 'stall';
  system: string;
  busy_ms: number;
}

export interface OverloadEvent extends EventBase {
  kind: 'overload';
  server: string;
  port: string | number;
  count: number;
}

export interface ConnectionsEvent extends EventBase {
  kind: 'connections';
  system: string;
  opened: number;
  closed: number;
}

export interface TargetEvent extends EventBase {
  kind: 'target';
  what: 'started' | 'ended';
  pid: number;
}

export interface CaptureEvent extends EventBase {
  kind: 'capture';
  id: string | number;
  rule: string;
}

// A hole: events that were lost on the way.
export interface LostEvent extends EventBase {
  kind: 'lost';
  count: number;
  cause: string;
  until_unix_ms: number;
}

export type TimelineEvent =
  | GcEvent | StallEvent | OverloadEvent | ConnectionsEvent | TargetEvent | CaptureEvent | LostEvent;

export const EVENT_KINDS: readonly TimelineEvent['kind'][] = [
  'gc', 'stall', 'overload', 'connections', 'target', 'capture', 'lost',
];

export interface GcEventsAnswer {
  epoch: string;
  first: number;
  next: number;
  lost: number;
  reset?: boolean;
  events: TimelineEvent[];
}

// One value a second, or null; as long as the answer's unix_ms.
export type Columns = Record<string, (number | null)[]>;

export interface LatencyColumns {
  latency_bounds_s?: number[] | null; // without +Inf
  latency_buckets?: (number[] | null)[]; // a second: cumulative counts, +Inf included
}

export interface HistorySystem {
  system: string;
  columns: Columns;
}

export interface HistoryServer extends LatencyColumns {
  system: string;
  server: string;
  port: string | number;
  protocol: string;
  columns: Columns;
}

export interface HistoryClient extends LatencyColumns {
  client: string;
  type: string;
  columns: Columns;
}

export interface HistoryAnswer {
  epoch: string;
  process: string;
  interval_ms: number;
  unix_ms: number[];
  columns: Columns;
  systems: HistorySystem[];
  servers: HistoryServer[];
  clients: HistoryClient[];
}

export interface HelloTarget {
  process: string;
  pid: number;
  up: boolean;
  exe: string | null;
  layout: string | null;
}

export interface Hello {
  epoch: string;
  server_unix_ms: number;
  interval_ms: number;
  version: string;
  next: number;
  targets: HelloTarget[];
}

export interface Reset {
  epoch: string;
  first: number;
  next: number;
}

export interface Snapshot {
  unix_ms: number;
  targets: TargetDocument[];
}

export type Maybe = number | null | undefined;
export type Labels = Record<string, string>;

export interface RegisteredNumber {
  name: string;
  value: number;
  labels: Labels;
}

export interface RegisteredHistogram {
  name: string;
  count: number;
  sum: number;
  labels: Labels;
  buckets: { le: number | '+Inf'; count: number }[]; // not cumulative
}

export interface SystemDocument {
  name: string;
  uptime_seconds?: Maybe;
  loop?: Record<string, Maybe>;
  system?: Record<string, Maybe>;
  connections?: Record<string, Maybe>;
}

export interface ExporterDocument {
  version?: string;
  taken_unix_ms?: Maybe;
  hit_cost_ns?: Maybe;
  probes?: { probe: string; attached: boolean; hits: number; overhead_ns: number | null }[];
  lost_events?: { cause: string; count: number }[];
  missed_events?: { event: string; count: number }[];
  dropped_connections?: { limit: string; count: number }[];
  log_lines_dropped?: Maybe;
}

export interface ProcessDocument {
  name: string;
  pid: number;
  up: boolean;
  attached_unix_ms?: Maybe;
  exe?: string | null;
  script?: string | null;
  build_id?: string | null;
  layout?: string | null;
  state?: string | null;
  sources?: Record<string, string>;
  differences?: Record<string, string>;
  groups?: { group: string; attached: boolean; detachments: number }[];
  overhead_ratio?: Maybe;
  collectors?: { collector: string; duration_ns: number; success: boolean }[];
  cpu_us_total?: Maybe;
  resident_memory_bytes?: Maybe;
  open_fds?: Maybe;
  threads?: Maybe;
  start_unix_ms?: Maybe;
}

export interface TargetDocument {
  vm_metrics?: {
    gc?: Record<string, Maybe>;
    interpreter?: Record<string, Maybe>;
    event_loop?: Record<string, Maybe>;
  };
  aio_metrics?: Record<string, unknown>;
  aio_systems?: SystemDocument[];
  modular_metrics?: {
    counters?: RegisteredNumber[];
    gauges?: RegisteredNumber[];
    histograms?: RegisteredHistogram[];
  };
  process: ProcessDocument;
  exporter?: ExporterDocument;
}
