// What the verdict judges, taken from a scene.
import type { ConnectionState } from './connection';
import { isStall } from './events';
import type { Percentile } from './percentiles';
import { percentile } from './percentiles';
import type { Scene } from './scene';
import type { Maybe } from './seam';
import { targetName } from './targets';

export interface Share {
  part: number;
  of: number;
}

export interface PoolUse {
  system: string;
  pool: string;
  used: number;
  total: number;
}

export interface Facts {
  connection: ConnectionState;
  nowMs: number;
  name: string;
  up: boolean;
  endedMs: number | null;
  state: string | null; // of the process, as the kernel has it
  blocked: { system: string; seconds: number }[];
  longestPauseMs: number | null;
  pauseShare: number | null;
  live: Share | null;
  errors: Share | null; // 5xx of all requests
  clientErrors: Share | null; // 4xx
  p99: Percentile | null;
  busy: { system: string; share: number }[];
  longestStall: { system: string; ms: number } | null;
  pools: PoolUse[];
  overhead: number | null;
  detached: string[]; // groups that the budget took out
  lost: number | null; // over the last minute
}

export const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;
export type StatusClass = (typeof CLASSES)[number] | 'other';

// Over the last minute, of one server or of several; null where not known.
export function requestsOf(scene: Scene, keys: readonly string[], status: StatusClass): number | null {
  let sum: number | null = null;
  for (const key of keys) {
    const grown = scene.grown(`requests_${status}`, key);
    if (grown) sum = (sum ?? 0) + grown.by;
  }
  return sum;
}

export function allRequestsOf(scene: Scene, keys: readonly string[]): number | null {
  let sum: number | null = null;
  for (const status of [...CLASSES, 'other'] as const) {
    const some = requestsOf(scene, keys, status);
    if (some !== null) sum = (sum ?? 0) + some;
  }
  return sum;
}

export function shareOf(scene: Scene, keys: readonly string[], status: StatusClass): Share | null {
  const of = allRequestsOf(scene, keys);
  return of === null ? null : { part: requestsOf(scene, keys, status) ?? 0, of };
}

// Of the last minute that a loop was not waiting in the kernel.
export function busyShare(scene: Scene, key: string): number | null {
  const idle = scene.grown('loop_idle_seconds', key);
  return idle ? Math.min(1, Math.max(0, 1 - idle.by / idle.seconds)) : null;
}

// How long a loop has neither turned nor waited. A waiting loop's idle time goes on, so one that
// is only idle is never meant.
export function blockedSeconds(scene: Scene, key: string): number {
  const turns = scene.column('loop_iterations', key);
  const idle = scene.column('loop_idle_seconds', key);
  const x = scene.x;
  const last = x.length - 1;
  const lastTurns = turns[last], lastIdle = idle[last];
  if (typeof lastTurns !== 'number' || typeof lastIdle !== 'number') return 0;
  let i = last;
  while (i > 0 && turns[i - 1] === lastTurns && stands(idle[i - 1], lastIdle)) i--;
  return ((x[last] ?? 0) - (x[i] ?? 0)) / 1000;
}

function stands(before: number | null | undefined, now: number): boolean {
  return typeof before === 'number' && Math.abs(now - before) < 0.001;
}

function known(value: Maybe): number | null {
  return typeof value === 'number' ? value : null;
}

const POOLS = [
  ['stream arenas', 'arenas_used', 'arenas_total'],
  ['TCP buffers', 'tcp_buffers_used', 'tcp_buffers_total'],
  ['connections', 'connection_pool_used', 'connection_pool_total'],
] as const;

// Of one system's pools those whose size is known.
export function poolsOf(scene: Scene, system: string): PoolUse[] {
  const document = scene.document.aio_systems?.find((one) => one.name === system);
  const uses: PoolUse[] = [];
  for (const [pool, usedName, totalName] of POOLS) {
    const used = known(document?.system?.[usedName]);
    const total = known(document?.system?.[totalName]);
    if (used !== null && total !== null && total > 0) uses.push({ system, pool, used, total });
  }
  return uses;
}

function longestStall(scene: Scene): Facts['longestStall'] {
  let longest: Facts['longestStall'] = null;
  for (const event of scene.recent) {
    if (isStall(event) && event.busy_ms > (longest?.ms ?? 0)) longest = { system: event.system, ms: event.busy_ms };
  }
  return longest;
}

export function factsOf(scene: Scene): Facts {
  const { document, target, history } = scene;
  const systems = history.systems.shown.map(({ key, labels }) => ({ key, system: labels['system'] ?? '' }));
  const servers = history.servers.shown.map(({ key }) => key);
  const paused = scene.grown('gc_pause_seconds');
  const liveBytes = scene.last('heap_live'), total = scene.last('heap_total');
  const latency = scene.mergedLatency(servers);
  return {
    connection: scene.connection,
    nowMs: scene.nowMs,
    name: targetName(target),
    up: target.up,
    endedMs: target.endedMs,
    state: document.process.state ?? null,
    blocked: systems.map(({ key, system }) => ({ system, seconds: blockedSeconds(scene, key) })),
    longestPauseMs: scene.longestPauseMs(),
    pauseShare: paused ? paused.by / paused.seconds : null,
    live: liveBytes !== null && total !== null && total > 0 ? { part: liveBytes, of: total } : null,
    errors: shareOf(scene, servers, '5xx'),
    clientErrors: shareOf(scene, servers, '4xx'),
    p99: latency ? percentile(latency.bounds, latency.counts, 0.99) : null,
    busy: systems.flatMap(({ key, system }) => {
      const share = busyShare(scene, key);
      return share === null ? [] : [{ system, share }];
    }),
    longestStall: longestStall(scene),
    pools: systems.flatMap(({ system }) => poolsOf(scene, system)),
    overhead: known(document.process.overhead_ratio),
    detached: (document.process.groups ?? [])
      .filter((group) => !group.attached && group.detachments > 0).map((group) => group.group),
    lost: scene.grown('lost')?.by ?? null,
  };
}
