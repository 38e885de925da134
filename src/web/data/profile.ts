// Profiles that a reader of the page takes: what the exporter is asked, and what is said of that.
import { count, span } from './format';

export const PROFILE_S = 10;
const LONGEST_S = 300;

// A profile that the exporter keeps (/debug/profiles).
export interface KeptProfile {
  id: string;
  samples: number;
  unix_ms: number;
}

export type ProfileState =
  | { is: 'idle' }
  | { is: 'taking'; name: string; seconds: number; sinceMs: number }
  // `earlier`: the one that this page took before of the same process.
  | { is: 'taken'; name: string; seconds: number; profile: KeptProfile; earlier: KeptProfile | null }
  | { is: 'refused'; name: string; why: string; freeAtMs: number | null };

// How long the button profiles: ?profile=SECONDS in the page's address.
export function profileSeconds(search: string): number {
  const wanted = Number(new URLSearchParams(search).get('profile') ?? PROFILE_S);
  return Number.isInteger(wanted) && wanted >= 1 && wanted <= LONGEST_S ? wanted : PROFILE_S;
}

// No name: the only process, which is watched by its pid.
export function newProfilePath(process: string, seconds: number): string {
  return `profiles/new?seconds=${seconds}${process === '' ? '' : `&process=${encodeURIComponent(process)}`}`;
}

export function flameGraphPath(profile: KeptProfile, base: KeptProfile | null = null): string {
  const compare = base ? `?compare=${encodeURIComponent(base.id)}` : '';
  return `profiles/${encodeURIComponent(profile.id)}/flamegraph${compare}`;
}

// The exporter's words, but for how long to wait: the page counts that down.
export function refusalOf(
  name: string, status: number, words: string, retryAfter: string | null, nowMs: number,
): ProfileState {
  const seconds = Number(retryAfter ?? NaN);
  const freeAtMs = status === 503 && seconds > 0 ? nowMs + seconds * 1000 : null;
  const why = status === 404 ? 'it is not watched any more' : words.trim().replace(/; try again in \d+ s$/, '');
  return { is: 'refused', name, why: why || `the exporter answers ${status}`, freeAtMs };
}

export function buttonText(state: ProfileState, seconds: number, nowMs: number): string {
  if (state.is !== 'taking') return `Profile for ${seconds} s`;
  const gone = Math.floor((nowMs - state.sinceMs) / 1000);
  // Then the exporter finds the names of all that was sampled.
  return gone >= state.seconds ? 'Profiling: finishing' : `Profiling: ${gone} of ${state.seconds} s`;
}

// What is read aloud when it changes; so nothing in it counts.
export function outcomeText(state: ProfileState): string {
  switch (state.is) {
    case 'idle': return 'by its Lisp functions and its own code';
    case 'taking': return `sampling what ${state.name} runs; this page goes on meanwhile`;
    case 'taken': return state.profile.samples > 0
      ? `${count.format(state.profile.samples)} sample${state.profile.samples === 1 ? '' : 's'} of ${state.name}`
      : `no samples: ${state.name} did not run in those ${state.seconds} s`;
    case 'refused': return `${state.name} was not profiled: ${state.why}`;
  }
}

export function waitText(state: ProfileState, nowMs: number): string {
  if (state.is !== 'refused' || state.freeAtMs === null) return '';
  const leftMs = state.freeAtMs - nowMs;
  return leftMs > 0 ? `free in ${span(Math.ceil(leftMs / 1000) * 1000)} at most` : 'it should be free by now';
}
