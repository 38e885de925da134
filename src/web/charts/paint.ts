// When charts draw: in an animation frame, only what changed, only what is on the screen, and no
// longer than some milliseconds a frame, however often data come. A hidden tab draws nothing and
// keeps no backlog: what is dirty is dirty once.

const FRAME_BUDGET_MS = 12;

const waiting = new Set<Painter>();
const painters = new WeakMap<Element, Painter>();
let requested = false;

function request(): void {
  if (requested || document.hidden || waiting.size === 0) return;
  requested = true;
  requestAnimationFrame(paintWaiting);
}

function paintWaiting(): void {
  requested = false;
  if (document.hidden) return;
  const start = performance.now();
  for (const painter of waiting) {
    waiting.delete(painter);
    painter.paintNow();
    if (performance.now() - start > FRAME_BUDGET_MS) break;
  }
  request();
}

const sight = new IntersectionObserver((entries) => {
  for (const entry of entries) painters.get(entry.target)?.see(entry.isIntersecting);
});

document.addEventListener('visibilitychange', request);

// Draws one element. Nothing here holds it once the page has dropped it, apart from the frame in
// which it is to be drawn.
export class Painter {
  private dirty = false;
  private seen = false;

  constructor(
    private readonly element: Element,
    private readonly paint: () => void,
  ) {
    painters.set(element, this);
    sight.observe(element);
  }

  get inSight(): boolean {
    return this.seen;
  }

  invalidate(): void {
    this.dirty = true;
    this.queue();
  }

  see(seen: boolean): void {
    this.seen = seen;
    if (seen) this.queue();
    else waiting.delete(this);
  }

  paintNow(): void {
    if (!this.dirty || !this.element.isConnected) return;
    this.dirty = false;
    this.paint();
  }

  destroy(): void {
    sight.unobserve(this.element);
    painters.delete(this.element);
    waiting.delete(this);
  }

  private queue(): void {
    if (!this.dirty || !this.seen) return;
    waiting.add(this);
    request();
  }
}
