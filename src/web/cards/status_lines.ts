// Requests by the class of their status, of one server or of several.
import { sumOf } from '../data/rates';
import type { Column } from '../data/rates';
import type { Scene } from '../data/scene';
import type { Tone } from '../data/seam';

export const STATUS_TONES: readonly (readonly [string, Tone, number[]])[] = [
  ['2xx', 'tone-a', []],
  ['3xx', 'tone-f', [8, 3]],
  ['4xx', 'tone-b', [4, 3]],
  ['5xx', 'crit', [2, 2]],
];

export function statusLines(
  scene: Scene, servers: readonly string[],
): { label: string; values: Column; tone: Tone; dash?: number[] }[] {
  return STATUS_TONES.map(([status, tone, dash]) => {
    const values = servers.length === 0 ? scene.x.map(() => null)
      : sumOf(servers.map((key) => scene.rate(`requests_${status}`, key)));
    return dash.length > 0 ? { label: status, values, tone, dash } : { label: status, values, tone };
  });
}
