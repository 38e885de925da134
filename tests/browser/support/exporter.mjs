// The real exporter on a free port of loopback.
import { Child } from './child.mjs';
import { programs } from './places.mjs';
import { until } from './until.mjs';

export class Exporter extends Child {
  // `port`: 0 for a free one; of an exporter that is started again, that of its predecessor.
  static async start(args, port = 0) {
    const given = new Set(args);
    const defaults = [['--cache-dir', ''], ['--overhead.max', 'off']].filter(([name]) => !given.has(name)).flat();
    const exporter = new Exporter(programs.exporter, [...args, ...defaults, '--web.listen-address', `127.0.0.1:${port}`]);
    await until('the exporter serves', () => {
      if (exporter.ended) throw new Error(`it ended: ${exporter.stderr}`);
      exporter.port = Number(/serving on http:\/\/127\.0\.0\.1:(\d+)\//.exec(exporter.stderr)?.[1] ?? 0);
      return exporter.port > 0;
    }, 30_000);
    exporter.url = `http://127.0.0.1:${exporter.port}`;
    return exporter;
  }

  // Once it watches somebody.
  static async watching(args, port = 0) {
    const exporter = await Exporter.start(args, port);
    await until('it watches', async () => (await fetch(`${exporter.url}/-/ready`)).ok, 30_000);
    return exporter;
  }

  get page() {
    return `${this.url}/debug/`;
  }

  async json(path) {
    const answer = await fetch(`${this.url}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async events(kind) {
    const { events } = await this.json('/debug/gc-events?limit=10000');
    return events.filter((event) => event.kind === kind);
  }
}
