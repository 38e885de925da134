// What the exporter sends, as the columns that the page keeps. The history answer and the document
// of a second tell the same in two shapes; names of columns stand here and nowhere else but where
// a card asks for one.
import type {
  Columns, HistoryAnswer, LatencyColumns, Labels, Maybe, RegisteredHistogram, SystemDocument, TargetDocument,
} from './seam';
import type { TrackValues } from './tracks';

export const PROCESS = 'process';

// Who a track is of, beside its columns.
export interface Member {
  key: string;
  labels: Labels;
}

export interface Sample {
  unixMs: number;
  startMs: number | null;
  tracks: Map<string, TrackValues>;
  systems: Member[];
  servers: Member[];
  clients: Member[];
}

type Kind = 'system' | 'server' | 'client';

// Label values may hold anything, so they are kept apart by what no JSON text holds bare.
export function memberKey(kind: Kind, ...labels: (string | number | undefined)[]): string {
  return [kind, ...labels.map((label) => String(label ?? ''))].join('\u0000');
}

function known(value: Maybe, factor = 1): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value * factor : null;
}

function processValues(doc: TargetDocument): Record<string, number | null> {
  const gc = doc.vm_metrics?.gc ?? {};
  const interpreter = doc.vm_metrics?.interpreter ?? {};
  const process = doc.process;
  const lost = doc.exporter?.lost_events;
  const inPauses = doc.modular_metrics?.counters?.filter(({ name }) => name === 'http_request_gc_pause_seconds_total') ?? [];
  return {
    up: process.up ? 1 : 0,
    gc_cycles: known(gc['cycles_total']),
    gc_pause_seconds: known(gc['pause_us_total'], 1e-6),
    gc_reclaimed_bytes: known(gc['reclaimed_bytes_total']),
    heap_used: known(gc['heap_used_bytes']),
    heap_total: known(gc['heap_total_bytes']),
    heap_trigger: known(gc['trigger_bytes']),
    heap_live: known(gc['heap_live_bytes']),
    heap_peak: known(gc['heap_peak_bytes']),
    evals: known(interpreter['evals_total']),
    function_calls: known(interpreter['function_calls']),
    builtin_calls: known(interpreter['builtin_calls']),
    closures_created: known(interpreter['closures_created']),
    env_lookups: known(interpreter['env_lookups']),
    cpu_seconds: known(process.cpu_us_total, 1e-6),
    rss: known(process.resident_memory_bytes),
    request_gc_pause_seconds: inPauses.length > 0 ? inPauses.reduce((sum, { value }) => sum + value, 0) : null,
    overhead_ratio: known(process.overhead_ratio),
    lost: lost ? lost.reduce((sum, loss) => sum + loss.count, 0) : null,
  };
}

function systemValues(system: SystemDocument, stalls: RegisteredHistogram | undefined): Record<string, number | null> {
  const inner = system.system ?? {};
  const connections = system.connections ?? {};
  return {
    loop_idle_seconds: known(system.loop?.['idle_time_us'], 1e-6),
    loop_iterations: known(system.loop?.['iterations']),
    stalls: stalls ? stalls.count : null,
    connections_active: known(connections['active']),
    connections_idle: known(connections['idle']),
    connections_connecting: known(connections['connecting']),
    connections_closing: known(connections['closing']),
    pool_used: known(inner['connection_pool_used']),
    pool_total: known(inner['connection_pool_total']),
  };
}

// Which column a family of the registry goes to, by its name; with a label where it has one.
const SERVER_COLUMNS: Record<string, string> = {
  http_bytes_recv_total: 'bytes_received',
  http_bytes_sent_total: 'bytes_sent',
  http_connections_active: 'connections_active',
  http_overload_responses_total: 'overload_responses',
};
const CLIENT_COLUMNS: Record<string, string> = {
  http_client_operations_total: 'operations',
  http_client_errors_total: 'errors',
  http_client_retries_total: 'retries',
  http_client_connections_active: 'connections_active',
  http_client_pool_size: 'pool_size',
  http_client_cache_hits_total: 'cache_hits',
  http_client_cache_misses_total: 'cache_misses',
};
const SERVER_LATENCY = 'http_request_duration_seconds';
const CLIENT_LATENCY = 'http_client_request_duration_seconds';
const STALLS = 'valk_loop_stall_duration_seconds';

function serverKey(labels: Labels): string {
  return memberKey('server', labels['server'], labels['port'], labels['protocol']);
}

function clientKey(labels: Labels): string {
  return memberKey('client', labels['client'], labels['type']);
}

function serverColumn(name: string, labels: Labels): string | undefined {
  if (name === 'http_requests_total') return `requests_${labels['status'] ?? 'other'}`;
  return SERVER_COLUMNS[name];
}

class Gathering {
  readonly tracks = new Map<string, TrackValues>();
  readonly members: Record<Kind, Member[]> = { system: [], server: [], client: [] };

  of(kind: Kind, key: string, labels: Labels): TrackValues {
    let track = this.tracks.get(key);
    if (!track) {
      track = { values: {} };
      this.tracks.set(key, track);
      const { status: _status, ...own } = labels;
      this.members[kind].push({ key, labels: own });
    }
    return track;
  }
}

function gatherRegistry(doc: TargetDocument, gathering: Gathering): void {
  const registry = doc.modular_metrics ?? {};
  for (const { name, value, labels } of [...(registry.counters ?? []), ...(registry.gauges ?? [])]) {
    const column = serverColumn(name, labels);
    if (column) gathering.of('server', serverKey(labels), labels).values[column] = known(value);
    const ofClient = CLIENT_COLUMNS[name];
    if (ofClient) gathering.of('client', clientKey(labels), labels).values[ofClient] = known(value);
  }
  for (const histogram of registry.histograms ?? []) {
    const { name, labels } = histogram;
    if (name === SERVER_LATENCY) take(gathering.of('server', serverKey(labels), labels), histogram);
    if (name === CLIENT_LATENCY) take(gathering.of('client', clientKey(labels), labels), histogram);
  }
}

function take(track: TrackValues, histogram: RegisteredHistogram): void {
  const bounds: number[] = [];
  const cumulative: number[] = [];
  let below = 0;
  for (const bucket of histogram.buckets) {
    below += bucket.count;
    cumulative.push(below);
    if (bucket.le !== '+Inf') bounds.push(bucket.le);
  }
  track.latency = { bounds, cumulative };
  track.values['latency_sum_s'] = histogram.sum;
}

export function sampleOfDocument(doc: TargetDocument, unixMs: number): Sample {
  const gathering = new Gathering();
  for (const system of doc.aio_systems ?? []) {
    const stalls = doc.modular_metrics?.histograms?.find(
      (h) => h.name === STALLS && (h.labels['system'] ?? system.name) === system.name);
    const key = memberKey('system', system.name);
    gathering.of('system', key, { system: system.name }).values = systemValues(system, stalls);
  }
  gatherRegistry(doc, gathering);
  gathering.tracks.set(PROCESS, { values: processValues(doc) });
  const { system, server, client } = gathering.members;
  return {
    unixMs, startMs: known(doc.process.start_unix_ms), tracks: gathering.tracks,
    systems: system, servers: server, clients: client,
  };
}

function at(columns: Columns, i: number): Record<string, number | null> {
  const values: Record<string, number | null> = {};
  for (const [name, column] of Object.entries(columns)) {
    const value = column[i];
    // A column of lists is that of the buckets, wherever it stands.
    if (!Array.isArray(value)) values[name] = value ?? null;
  }
  return values;
}

function latencyAt(of: LatencyColumns & { columns: Columns }, i: number): TrackValues['latency'] {
  const inside = (of.columns as Record<string, unknown>)['latency_buckets'] as (number[] | null)[] | undefined;
  const buckets = of.latency_buckets ?? inside;
  if (!of.latency_bounds_s || !buckets) return undefined;
  return { bounds: of.latency_bounds_s, cumulative: buckets[i] ?? null };
}

// The answer's samples, oldest first.
export function* samplesOfHistory(answer: HistoryAnswer): Generator<Sample> {
  for (let i = 0; i < answer.unix_ms.length; i++) {
    const gathering = new Gathering();
    for (const one of answer.systems) {
      gathering.of('system', memberKey('system', one.system), { system: one.system }).values = at(one.columns, i);
    }
    for (const one of answer.servers) {
      const labels = { server: one.server, port: String(one.port), protocol: one.protocol };
      const track = gathering.of('server', serverKey(labels), labels);
      track.values = at(one.columns, i);
      track.latency = latencyAt(one, i);
    }
    for (const one of answer.clients) {
      const labels = { client: one.client, type: one.type };
      const track = gathering.of('client', clientKey(labels), labels);
      track.values = at(one.columns, i);
      track.latency = latencyAt(one, i);
    }
    const process = at(answer.columns, i);
    gathering.tracks.set(PROCESS, { values: process });
    const { system, server, client } = gathering.members;
    yield {
      unixMs: answer.unix_ms[i] ?? 0, startMs: process['start_unix_ms'] ?? null,
      tracks: gathering.tracks, systems: system, servers: server, clients: client,
    };
  }
}
