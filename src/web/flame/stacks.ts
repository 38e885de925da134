// The stacks of profiles, decoded: frames have numbers that are the same in all profiles of a page.
import type { Kind, Profile } from './seam';

export interface Frame {
  name: string;
  kind: Kind;
  module: string;
  file: string;
}

export type Phase = 'outside' | 'stopped' | 'collecting';
const PHASES: readonly Phase[] = ['outside', 'stopped', 'collecting'];

export interface Stack {
  frames: number[]; // of the table, the outermost first
  thread: number; // of the profile
  phase: Phase;
  samples: number;
}

// Functions that are called alike in the same file are one, also across profiles.
export class FrameTable {
  readonly frames: Frame[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(frame: Frame): number {
    const key = `${frame.kind}\0${frame.module}\0${frame.name}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.frames.push(frame) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }
}

export function stacksOf(profile: Profile, table: FrameTable): Stack[] {
  const numbers = profile.frames.map(([name, kind, module, file]) => table.numberOf({ name, kind, module, file }));
  const framesOf = (node: number): number[] => {
    const frames: number[] = [];
    while (node > 0) {
      frames.push(numbers[profile.frame_of_node[node - 1] ?? 0] ?? 0);
      node -= profile.parents[node - 1] ?? node;
    }
    return frames.reverse();
  };
  const stacks: Stack[] = [];
  for (let at = 0; at < profile.ends.length; at += 4) {
    const [node = 0, thread = 0, phase = 0, samples = 0] = profile.ends.slice(at, at + 4);
    stacks.push({ frames: framesOf(node), thread, phase: PHASES[phase] ?? 'outside', samples });
  }
  return stacks;
}
