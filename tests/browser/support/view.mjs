// The page as its reader sees it: by its words.
import { until } from './until.mjs';

export class View {
  constructor(page, guard) {
    this.page = page;
    this.guard = guard;
  }

  text(selector) {
    return this.page.locator(selector).first().innerText();
  }

  // live, stale, gone, busy, hidden or connecting
  connection() {
    return this.page.evaluate(() => document.documentElement.dataset.connection);
  }

  async becomes(connection, withinMs) {
    await until(`the page is ${connection}`, async () => (await this.connection()) === connection || null, withinMs);
    return this;
  }

  // Live, and with numbers.
  async ready() {
    await this.becomes('live', 20_000);
    await until('the page has numbers', async () => (await this.verdict()).severity !== 'unknown', 20_000);
    return this;
  }

  // The sentence at the top.
  verdict() {
    return this.page.evaluate(() => {
      const words = (selector) => document.querySelector(selector)?.textContent ?? '';
      return {
        text: words('.verdict-text'), reason: words('.verdict-reason'),
        severity: document.querySelector('.verdict')?.dataset.severity,
      };
    });
  }

  // All sentences: the one at the top and those behind "and N more".
  says() {
    return this.page.evaluate(() => [...document.querySelectorAll('.verdict-text, .findings .finding-text')]
      .map((element) => element.textContent).join('\n'));
  }

  async comesToSay(pattern, withinMs) {
    await until(`the page says ${pattern}`, async () => {
      const said = await this.says();
      if (!pattern.test(said)) throw new Error(`it says: ${said}`);
      return true;
    }, withinMs);
  }

  // A headline number of a section, with its note.
  tile(section, label) {
    return this.page.evaluate(([id, wanted]) => {
      const tile = [...document.querySelectorAll(`#${id} .tile`)]
        .find((one) => one.querySelector('.tile-label').lastChild.textContent === wanted);
      const words = (part) => tile?.querySelector(`.tile-${part}`).textContent.replaceAll('\u00a0', ' ');
      return { number: words('number'), note: words('note'), severity: tile?.dataset.severity };
    }, [section, label]);
  }

  // Cards and charts are drawn only where they can be seen.
  async goTo(section) {
    await this.page.locator(`#${section}`).evaluate((element) => element.scrollIntoView({ block: 'start' }));
  }

  // What the timeline says of the whole of its window.
  async summary() {
    return (await this.text('.timeline-readout')).replaceAll('\u00a0', ' ');
  }

  async collectionsInTimeline() {
    return Number((/([\d,]+) collections?/.exec(await this.summary())?.[1] ?? '-1').replaceAll(',', ''));
  }

  // Goes through the timeline by keys, from its newest event back, as who has no mouse does, until it
  // has seen `count` of a kind. Each event is the rows of its detail; the newest comes first.
  async walkTimeline(count, kind = '') {
    const picture = this.page.locator('.timeline-picture');
    await picture.focus();
    const found = [];
    let last = '';
    for (let key = 'End'; found.length < count; key = 'ArrowLeft') {
      await picture.press(key);
      const detail = await this.detail();
      if (detail.Sequence === last) break; // the oldest
      last = detail.Sequence;
      if (kind === '' || detail.Kind === kind) found.push(detail);
    }
    return found;
  }

  detail() {
    return this.page.evaluate(() => Object.fromEntries([...document.querySelectorAll('.timeline-row:not([hidden])')]
      .map((row) => [...row.children].map((cell) => cell.textContent.replaceAll('\u00a0', ' ')))));
  }
}

const FACTORS = {
  '': 1, k: 1e3, M: 1e6, G: 1e9, '%': 0.01, ns: 1e-9, 'µs': 1e-6, ms: 1e-3, s: 1,
  B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30,
};

// A number as people read it, as a number: "1.2 k/s" is 1200, "1,024" 1024, "3.4 ms" 0.0034.
export function amount(text) {
  const found = /^[<> ]*([\d.,]+)\s*(%|[a-zµA-Z]*)/.exec(text.replaceAll('\u00a0', ' '));
  if (!found || !(found[2] in FACTORS)) throw new Error(`not a number with a unit: "${text}"`);
  return Number(found[1].replaceAll(',', '')) * FACTORS[found[2]];
}
