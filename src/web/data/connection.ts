// The page's one event stream: opened while the tab is looked at, closed when it is hidden, opened
// again with a growing delay, and replaced by polling where all places are taken. Nothing of the
// browser is used but what is given, so that tests turn the clock.
import { EVENT_KINDS } from './seam';
import type { GcEventsAnswer, Hello, Reset, Snapshot, TargetDocument, TimelineEvent } from './seam';

export const STALE_MS = 3_000;
export const DEAD_MS = 10_000;
export const HIDDEN_MS = 10_000;
export const POLL_MS = 2_000;
export const BUSY_MS = 15_000;
// The first steps are short, for an exporter that is only being restarted.
export const BACK_OFF_MS: readonly number[] = [1_000, 1_000, 2_000, 2_000, 4_000, 8_000, 15_000];

export type ConnectionState =
  | { is: 'connecting' }
  | { is: 'live' }
  | { is: 'stale'; sinceMs: number }
  | { is: 'gone'; why: 'lost' | 'stopped'; retryAtMs: number }
  | { is: 'busy'; retryAtMs: number }
  | { is: 'hidden' };

export interface MessageLike {
  data: string;
}

export interface SourceLike {
  addEventListener(kind: string, listener: (message: MessageLike) => void): void;
  close(): void;
}

export interface Surroundings {
  open(url: string): SourceLike;
  get(url: string): Promise<unknown>;
  now(): number; // ms, of any origin
  random(): number;
}

export interface Receiver {
  onHello(hello: Hello): void;
  onReset(reset: Reset): void; // what is known of another epoch is void
  onSnapshot(snapshot: Snapshot): void;
  onEvent(event: TimelineEvent): void;
  onState(state: ConnectionState): void;
  onPolled(answer: GcEventsAnswer): void;
}

export class Connection {
  private source: SourceLike | null = null;
  private state: ConnectionState = { is: 'connecting' };
  private epoch: string | null = null;
  private lastSeq: number | null = null;
  private heardAt = 0;
  private pollAt = 0;
  private hiddenAt: number | null = null;
  private failures = 0;

  constructor(private readonly around: Surroundings, private readonly to: Receiver) {}

  start(): void {
    this.open();
  }

  stop(): void {
    this.close();
    this.become({ is: 'hidden' });
  }

  // To be called a few times a second.
  tick(): void {
    const now = this.around.now();
    if (this.hiddenAt !== null && now - this.hiddenAt >= HIDDEN_MS && this.state.is !== 'hidden') return this.stop();
    switch (this.state.is) {
      case 'connecting':
        if (now - this.heardAt >= DEAD_MS) this.fail('lost');
        return;
      case 'live':
        if (now - this.heardAt >= STALE_MS) this.become({ is: 'stale', sinceMs: this.heardAt });
        return;
      case 'stale':
        if (now - this.heardAt >= DEAD_MS) this.fail('lost');
        return;
      case 'gone':
        if (now >= this.state.retryAtMs) this.open();
        return;
      case 'busy':
        if (now >= this.state.retryAtMs) return this.open();
        if (now >= this.pollAt && this.source === null) void this.poll();
        return;
      case 'hidden':
        return;
    }
  }

  visible(isVisible: boolean): void {
    this.hiddenAt = isVisible ? null : this.around.now();
    if (isVisible && this.state.is === 'hidden') this.open();
  }

  retryNow(): void {
    if (this.state.is === 'gone' || this.state.is === 'busy') this.open();
  }

  private open(): void {
    this.close();
    this.heardAt = this.around.now();
    const since = this.epoch !== null && this.lastSeq !== null ? `?since=${this.epoch}-${this.lastSeq}` : '';
    const source = this.around.open(`events${since}`);
    this.source = source;
    // A source that was closed may still have something to say.
    const listen = (kind: string, take: (data: string) => void): void =>
      source.addEventListener(kind, (message) => {
        if (this.source === source) take(message.data);
      });
    listen('hello', (data) => this.hear<Hello>(data, (hello) => this.greet(hello)));
    listen('reset', (data) => this.hear<Reset>(data, (reset) => this.reset(reset)));
    listen('snapshot', (data) => this.hear<Snapshot>(data, (snapshot) => this.snapshot(snapshot)));
    listen('busy', () => this.becomeBusy());
    listen('bye', () => this.fail('stopped'));
    for (const kind of EVENT_KINDS) listen(kind, (data) => this.hear<TimelineEvent>(data, (event) => this.event(event)));
    listen('error', () => this.fail('lost'));
    // While the house is full, it says so until a place is really got.
    if (this.state.is === 'busy') this.become({ is: 'busy', retryAtMs: this.heardAt + BUSY_MS });
    else this.become({ is: 'connecting' });
  }

  // Goes on after what is known from elsewhere; to be called before start().
  resumeAfter(epoch: string, seq: number): void {
    this.epoch = epoch;
    this.lastSeq = seq;
  }

  private close(): void {
    this.source?.close();
    this.source = null;
  }

  private hear<T>(data: string, take: (content: T) => void): void {
    let content: T;
    try {
      content = JSON.parse(data) as T;
    } catch {
      return this.fail('lost'); // half an event: whoever sent it has gone
    }
    take(content);
  }

  private greet(hello: Hello): void {
    if (this.epoch !== null && this.epoch !== hello.epoch) {
      this.lastSeq = null;
      this.to.onReset({ epoch: hello.epoch, first: 0, next: hello.next });
    }
    this.epoch = hello.epoch;
    this.heardAt = this.around.now();
    this.to.onHello(hello);
  }

  private reset(reset: Reset): void {
    this.epoch = reset.epoch;
    this.lastSeq = null;
    this.to.onReset(reset);
  }

  private snapshot(snapshot: Snapshot): void {
    this.heardAt = this.around.now();
    this.failures = 0;
    if (this.state.is !== 'live') this.become({ is: 'live' });
    this.to.onSnapshot(snapshot);
  }

  private event(event: TimelineEvent): void {
    this.lastSeq = event.seq;
    this.to.onEvent(event);
  }

  private fail(why: 'lost' | 'stopped'): void {
    this.close();
    if (this.state.is === 'busy') return;
    const step = BACK_OFF_MS[Math.min(this.failures, BACK_OFF_MS.length - 1)] ?? 15_000;
    this.failures++;
    const delay = step * (0.8 + 0.4 * this.around.random());
    this.become({ is: 'gone', why, retryAtMs: this.around.now() + delay });
  }

  private becomeBusy(): void {
    this.close();
    const now = this.around.now();
    this.pollAt = now;
    this.become({ is: 'busy', retryAtMs: now + BUSY_MS });
  }

  private async poll(): Promise<void> {
    this.pollAt = this.around.now() + POLL_MS;
    try {
      const since = this.epoch !== null && this.lastSeq !== null ? `?since=${this.epoch}-${this.lastSeq}` : '';
      const answer = (await this.around.get(`gc-events${since}`)) as GcEventsAnswer;
      const doc = (await this.around.get('metrics')) as TargetDocument;
      if (this.state.is !== 'busy') return;
      this.takePolled(answer, doc);
    } catch {
      if (this.state.is !== 'busy') return;
      this.become({ is: 'connecting' });
      this.fail('lost');
    }
  }

  private takePolled(answer: GcEventsAnswer, doc: TargetDocument): void {
    if (answer.reset || (this.epoch !== null && this.epoch !== answer.epoch)) {
      this.lastSeq = null;
      this.to.onReset({ epoch: answer.epoch, first: answer.first, next: answer.next });
    }
    this.epoch = answer.epoch;
    this.to.onPolled(answer);
    for (const event of answer.events) this.event(event);
    this.heardAt = this.around.now();
    this.to.onSnapshot({ unix_ms: doc.exporter?.taken_unix_ms ?? Date.now(), targets: [doc] });
  }

  private become(state: ConnectionState): void {
    this.state = state;
    this.to.onState(state);
  }
}
