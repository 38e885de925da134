// Why a number is missing, in one line.
import type { TargetDocument } from './seam';

// The group of probes that brings a family where memory doesn't.
const GROUP_OF: readonly (readonly [RegExp, string])[] = [
  [/^valk_gc_/, 'gc'],
  [/^valk_eval_/, 'eval'],
  [/^valk_loop_stall/, 'loop'],
  [/^valk_aio_connection_(transitions|state)/, 'connection'],
  [/^http_client_/, 'client'],
  [/^http_/, 'http'],
];

export function groupOf(family: string): string | null {
  return GROUP_OF.find(([pattern]) => pattern.test(family))?.[1] ?? null;
}

// Why nothing is told of `family`.
export function whyMissing(document: TargetDocument, family: string): string {
  const group = groupOf(family);
  const status = document.process.groups?.find((one) => one.group === group);
  const source = document.process.sources?.[family];
  if (source === 'state') return 'its memory could not be read just now';
  if (status && !status.attached) return groupOffReason(status);
  if (source === 'probe') return 'has not happened since the exporter attached';
  if (!document.process.layout) return 'only in its memory, and the exporter knows no layout of it';
  return 'this runtime does not keep it';
}

export function groupOffReason(group: { group: string; detachments: number }): string {
  if (group.detachments > 0) return `probes of ${group.group} are off: they cost more than --overhead.max allows`;
  return `probes of ${group.group} are off; --probes ${group.group} turns them on where the process has them`;
}

export const BEFORE_TWO = 'needs two samples';
