// What the exporter writes into the page: src/expose/profile_json.cpp and flame_page.cpp say the same.

export type Kind = 'lisp' | 'native' | 'gc' | 'kernel' | 'marker';

// Times in seconds; null where it is not known.
export interface ThreadTime {
  running: number | null;
  queued: number | null; // ready to run
  paused: number | null;
  polling: number | null;
  blocked: number | null;
}

export interface Profile {
  process: string;
  pid: number;
  exe: string;
  build_id: string;
  version: string; // of the exporter
  begun_unix_ms: number;
  seconds: number;
  hz: number;
  cpu_seconds: number | null;
  samples: number;
  truncated: number;
  failed: number;
  lost: number;
  caveats: string[];
  time: ThreadTime;
  threads: [name: string, tid: number][];
  frames: [name: string, kind: Kind, module: string, file: string][];
  // The tree of calls. Node 0 is the root; node i + 1 has its parent parents[i] nodes before it, and
  // the frame frame_of_node[i].
  parents: number[];
  frame_of_node: number[];
  // Four numbers each: the node in which stacks end, their thread, phase (0 outside of a pause, 1
  // stopped by one, 2 collecting) and samples.
  ends: number[];
}

export interface Link {
  name: string;
  href: string;
  file: string; // to be saved under; empty: it is not a file
}

export interface PageData {
  profile: Profile;
  base: Profile | null;
  base_name: string;
  links: Link[];
}
