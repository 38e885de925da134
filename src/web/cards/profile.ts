// "Where does its time go?": takes a profile of the process that is looked at. Tells how far it is,
// since ten seconds are long, and then has the flame graph as a link: so long after a press no browser
// lets a page open a tab by itself.
import { clockTime } from '../data/format';
import { buttonText, flameGraphPath, newProfilePath, outcomeText, profileSeconds, refusalOf, waitText } from '../data/profile';
import type { KeptProfile, ProfileState } from '../data/profile';
import type { Scene } from '../data/scene';
import { targetName } from '../data/targets';
import { button, make, setAttribute, tabLink, write } from './parts';

const TICK_MS = 250;

export class ProfileLine {
  readonly element: HTMLElement;
  private readonly seconds = profileSeconds(location.search);
  private readonly start = button('', () => void this.take(), 'profile-button');
  private readonly outcome = make('span', 'profile-outcome');
  private readonly wait = make('span', 'profile-wait');
  private readonly graph = tabLink('Open the flame graph', '');
  private readonly compared = tabLink('', '');
  private readonly earlier = new Map<string, KeptProfile>(); // by process
  private state: ProfileState = { is: 'idle' };
  private scene: Scene | null = null;

  constructor() {
    this.outcome.setAttribute('role', 'status');
    this.graph.className = 'profile-graph';
    this.element = make('div', 'profile', make('span', 'profile-label', 'Where its CPU time goes:'), this.start,
      make('span', 'profile-words', this.graph, this.compared, this.outcome, this.wait));
    // While one is taken, and while a refusal counts down; otherwise nothing changes.
    setInterval(() => this.show(), TICK_MS);
    this.show();
  }

  update(scene: Scene): void {
    this.scene = scene;
    this.show();
  }

  private get canStart(): boolean {
    return this.state.is !== 'taking' && this.scene !== null && this.scene.target.up;
  }

  private async take(): Promise<void> {
    if (!this.canStart || !this.scene) return;
    const { target } = this.scene;
    const name = targetName(target);
    const { seconds } = this;
    this.become({ is: 'taking', name, seconds, sinceMs: performance.now() });
    try {
      const answer = await fetch(newProfilePath(target.process, seconds), { cache: 'no-store' });
      if (!answer.ok) {
        const words = await answer.text();
        return this.become(refusalOf(name, answer.status, words, answer.headers.get('Retry-After'), performance.now()));
      }
      const profile = (await answer.json()) as KeptProfile;
      this.become({ is: 'taken', name, seconds, profile, earlier: this.earlier.get(target.process) ?? null });
      this.earlier.set(target.process, profile);
    } catch {
      this.become({ is: 'refused', name, why: 'the exporter does not answer', freeAtMs: null });
    }
  }

  private become(state: ProfileState): void {
    this.state = state;
    this.show();
  }

  private show(): void {
    const { state } = this;
    const nowMs = performance.now();
    write(this.start, buttonText(state, this.seconds, nowMs));
    // Not `disabled`: the focus would be lost.
    setAttribute(this.start, 'aria-disabled', String(!this.canStart));
    const done = state.is === 'taking' ? Math.min(1, (nowMs - state.sinceMs) / 1000 / state.seconds) : 0;
    this.start.style.setProperty('--done', `${(done * 100).toFixed(1)}%`);
    const ended = this.scene && !this.scene.target.up && state.is === 'idle';
    write(this.outcome, ended ? 'it has ended' : outcomeText(state));
    setAttribute(this.outcome, 'data-is', state.is);
    write(this.wait, waitText(state, nowMs));
    this.showLinks(state);
  }

  private showLinks(state: ProfileState): void {
    this.graph.hidden = state.is !== 'taken';
    this.compared.hidden = state.is !== 'taken' || state.earlier === null;
    if (state.is !== 'taken') return;
    setAttribute(this.graph, 'href', flameGraphPath(state.profile));
    if (!state.earlier || !this.scene) return;
    setAttribute(this.compared, 'href', flameGraphPath(state.profile, state.earlier));
    write(this.compared, `compared with ${clockTime(state.earlier.unix_ms, this.scene.zone)}`);
  }
}
