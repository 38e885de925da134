// The worst state in one sentence, with its reason: what somebody reads first.
import type { Facts } from './facts';
import { bytes, count, milliseconds, percent, seconds, span, written } from './format';
import type { Percentile } from './percentiles';
import type { Severity } from './seam';
import { judge, LEAST_REQUESTS, threshold } from './thresholds';
import type { ThresholdId } from './thresholds';

export interface Finding {
  severity: Severity;
  text: string;
  reason: string;
  section: string; // where it can be looked at
}

export function percentileText(found: Percentile | null): string {
  if (!found) return written(null, seconds);
  return (found.beyond ? '> ' : '') + seconds.format(found.seconds);
}

const STATE_WORDS: Record<string, string> = {
  stopped: 'is stopped by a signal',
  tracing_stop: 'is held by a debugger',
  zombie: 'has ended, and nobody has collected its exit status',
  disk_sleep: 'waits for a disk and cannot be woken',
};

function limits(id: ThresholdId): string {
  const { warn, crit, unit, over } = threshold(id);
  return `${over}; warning at ${unit.format(warn)}, critical at ${unit.format(crit)}`;
}

class Findings {
  readonly all: Finding[] = [];

  judged(id: ThresholdId, value: number | null, text: string, section: string, reason = ''): void {
    const severity = judge(id, value);
    if (severity !== 'warn' && severity !== 'crit') return;
    this.all.push({ severity, text, reason: reason ? `${reason}; ${limits(id)}` : limits(id), section });
  }

  add(severity: Severity, text: string, reason: string, section: string): void {
    this.all.push({ severity, text, reason, section });
  }
}

function findLife(facts: Facts, to: Findings): void {
  if (!facts.up) {
    const when = facts.endedMs === null ? 'is not running' : `ended ${span(facts.nowMs - facts.endedMs)} ago`;
    to.add('crit', `${facts.name} ${when}`, 'all numbers are its last ones', 'health');
    return;
  }
  const words = facts.state === null ? undefined : STATE_WORDS[facts.state];
  if (words) to.add('crit', `${facts.name} ${words}`, `the kernel calls its state "${facts.state}"`, 'health');
  for (const { system, seconds: standing } of facts.blocked) {
    to.judged('blocked', standing, `Loop ${system} has not turned for ${seconds.format(Math.round(standing))}`, 'systems',
      'it neither turns nor waits');
  }
}

function findRequests(facts: Facts, to: Findings): void {
  const { errors, p99 } = facts;
  if (!errors || errors.of < LEAST_REQUESTS) return;
  to.judged('errors', errors.part / errors.of, `${percent.format(errors.part / errors.of)} of the requests fail with 5xx`,
    'servers', `${count.format(errors.part)} of ${count.format(errors.of)}`);
  if (p99) to.judged('p99', p99.seconds, `One request in a hundred takes ${percentileText(p99)} or more`, 'servers');
}

function findMemory(facts: Facts, to: Findings): void {
  const { longestPauseMs, pauseShare, live } = facts;
  if (longestPauseMs !== null) {
    to.judged('pause', longestPauseMs, `A GC pause took ${milliseconds.format(longestPauseMs)}`, 'gc');
  }
  if (pauseShare !== null) {
    to.judged('pauseShare', pauseShare, `GC stops the process for ${percent.format(pauseShare)} of the time`, 'gc');
  }
  if (live) {
    to.judged('live', live.part / live.of, `What survives GC fills ${percent.format(live.part / live.of)} of the heap`,
      'heap', `${bytes.format(live.part)} of ${bytes.format(live.of)}`);
  }
}

function findSystems(facts: Facts, to: Findings): void {
  const stall = facts.longestStall;
  if (stall) to.judged('stall', stall.ms, `Loop ${stall.system} was busy for ${milliseconds.format(stall.ms)} in one turn`, 'systems');
  for (const { system, share } of facts.busy) {
    to.judged('busy', share, `Loop ${system} is busy for ${percent.format(share)} of the time`, 'systems');
  }
  for (const { system, pool, used, total } of facts.pools) {
    to.judged('pool', used / total, `Pool of ${pool} of ${system} is ${percent.format(used / total)} full`, 'systems',
      `${count.format(used)} of ${count.format(total)}`);
  }
}

function findExporter(facts: Facts, to: Findings): void {
  to.judged('overhead', facts.overhead, `Watching takes ${percent.format(facts.overhead ?? 0)} of the process's CPU time`, 'exporter');
  to.judged('lost', facts.lost, `${count.format(facts.lost ?? 0)} events were lost`, 'exporter');
  if (facts.detached.length > 0) {
    to.add('warn', `Probes are off: ${facts.detached.join(', ')}`, 'they cost more than --overhead.max allows', 'exporter');
  }
}

// Worst first.
export function findings(facts: Facts): Finding[] {
  const to = new Findings();
  findLife(facts, to);
  if (facts.up) {
    findRequests(facts, to);
    findSystems(facts, to);
    findMemory(facts, to);
    findExporter(facts, to);
  }
  const critical = to.all.filter((finding) => finding.severity === 'crit');
  return [...critical, ...to.all.filter((finding) => finding.severity !== 'crit')];
}

// What is said where nothing is wrong: what has been looked at.
function wellReason(facts: Facts): string {
  const parts: string[] = [];
  const { errors, p99, longestPauseMs } = facts;
  if (errors && errors.of > 0) parts.push(`${count.format(errors.of)} requests, ${count.format(errors.part)} failed`);
  if (p99 && errors && errors.of >= LEAST_REQUESTS) parts.push(`P99 ${percentileText(p99)}`);
  parts.push(longestPauseMs === null ? 'no GC pause' : `longest GC pause ${milliseconds.format(longestPauseMs)}`);
  return `${parts.join(', ')} in the last 60 s`;
}

export function wellOf(facts: Facts): Finding {
  return { severity: 'ok', text: `${facts.name} is well`, reason: wellReason(facts), section: 'health' };
}
