// A child process that dies with the test, whatever ends that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from './until.mjs';

const END_MS = 20_000;

const alive = new Set();

export class Child {
  #lines = [];
  #waiting = [];

  constructor(program, args = []) {
    this.program = program;
    this.stderr = '';
    // The kernel ends it, should we end without having done so.
    this.process = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { stdio: 'pipe' });
    this.pid = this.process.pid;
    this.ended = false;
    alive.add(this);
    this.exit = once(this.process, 'close').then(() => {
      this.ended = true;
      alive.delete(this);
      for (const give of this.#waiting.splice(0)) give(null);
    });
    this.process.stdin.on('error', () => {}); // it may have ended; its exit tells
    this.process.stderr.on('data', (bytes) => { this.stderr = (this.stderr + bytes).slice(-100_000); });
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      const give = this.#waiting.shift();
      if (give) give(line);
      else this.#lines.push(line);
    });
  }

  async readLine() {
    if (this.#lines.length > 0) return this.#lines.shift();
    const line = this.ended ? null : await new Promise((give) => this.#waiting.push(give));
    if (line === null) throw new Error(`${this.program} ended: ${this.stderr}`);
    return line;
  }

  // One answer line to one command line.
  ask(command) {
    this.process.stdin.write(`${command}\n`);
    return this.readLine();
  }

  signal(name) {
    if (!this.ended) this.process.kill(name);
  }

  // Who does not end in time is killed, and that it had to be is an error.
  async end(signal = 'SIGTERM') {
    this.signal('SIGCONT');
    this.signal(signal);
    if (await within(END_MS, this.exit)) return;
    this.signal('SIGKILL');
    await this.exit;
    throw new Error(`${this.program} did not end within ${END_MS} ms after ${signal}: ${this.stderr.slice(-2_000)}`);
  }
}

export async function endAllChildren() {
  await Promise.all([...alive].map((child) => child.end('SIGKILL')));
}
