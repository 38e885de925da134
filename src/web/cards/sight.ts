// Which cards can be seen, or nearly: no other is updated.
export class Sight {
  private readonly seen = new WeakSet<Element>();
  private readonly wake = new WeakMap<Element, () => void>();
  private readonly observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) this.seen.delete(target);
      else if (!this.seen.has(target)) {
        this.seen.add(target);
        this.wake.get(target)?.();
      }
    }
  }, { rootMargin: '300px' });

  // `onSeen`: it comes into sight, and shows what was true when it left.
  watch(element: Element, onSeen: () => void): void {
    this.wake.set(element, onSeen);
    this.observer.observe(element);
  }

  forget(element: Element): void {
    this.observer.unobserve(element);
    this.seen.delete(element);
  }

  sees(element: Element): boolean {
    return this.seen.has(element);
  }
}
