// The stand-in runtime, and the load that is put on it.
import http from 'node:http';
import { Child } from './child.mjs';
import { programs } from './places.mjs';

export class Minivalk extends Child {
  static async start(args = [], program = programs.minivalk) {
    const minivalk = new Minivalk(program, args);
    minivalk.ports = JSON.parse(await minivalk.readLine()).servers.map(({ port }) => port);
    minivalk.agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    minivalk.exit.then(() => minivalk.agent.destroy());
    return minivalk;
  }

  // The status of the answer; 0 where there is none.
  get(path, port = this.ports[0]) {
    return new Promise((give) => {
      const request = http.get({ host: '127.0.0.1', port, path, agent: this.agent }, (answer) => {
        answer.resume();
        answer.on('end', () => give(answer.statusCode));
        answer.on('error', () => give(0));
      });
      request.on('error', () => give(0));
    });
  }

  async collect(times = 1) {
    for (let i = 0; i < times; i++) await this.ask('gc');
  }

  // What it counted itself, by name and labels.
  async truth() {
    const { metrics } = JSON.parse(await this.ask('truth'));
    return (name, labels = {}) => metrics
      .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }
}

// Requests at an even pace, in turn from `paths`; counts its own answers. Where the machine is
// late, it sends what is due at once, so that the mean stays.
export class Load {
  sent = 0;
  answered = new Map(); // by status
  #timer;

  constructor(minivalk, perSecond, paths) {
    const begin = performance.now();
    const beat = () => {
      const due = ((performance.now() - begin) / 1000) * perSecond;
      for (; this.sent < due; this.sent++) this.#send(minivalk, paths[this.sent % paths.length]);
    };
    // A test that fails before it stops it must not keep all of them from ending.
    this.#timer = setInterval(beat, Math.max(10, 500 / perSecond)).unref();
  }

  async #send(minivalk, path) {
    const status = await minivalk.get(path, minivalk.ports[this.sent % minivalk.ports.length]);
    this.answered.set(status, (this.answered.get(status) ?? 0) + 1);
  }

  stop() {
    clearInterval(this.#timer);
  }
}
