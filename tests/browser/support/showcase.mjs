// Two busy processes and their exporter: what is looked at, and what pictures show. Their load runs
// from the start of the tests on, so that the charts are full when it comes to the pictures.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Exporter } from './exporter.mjs';
import { Load, Minivalk } from './minivalk.mjs';
import { programs, scratch } from './places.mjs';

const SHOP = [
  '/', '/fib?n=7', '/alloc?kb=256', '/', '/fib?n=7', '/slow?ms=20', '/', '/alloc?kb=512', '/fib?n=7', '/status/302',
  '/', '/alloc?kb=128', '/', '/slow?ms=45', '/status/404', '/client?name=redis&type=cache&ops=4', '/', '/fib?n=7',
  '/alloc?kb=256', '/', '/client?name=postgres&type=database&ops=2', '/', '/fib?n=7', '/slow?ms=8', '/',
];
const SEARCH = ['/', '/fib?n=15', '/alloc?kb=64'];

export const SHOP_PER_SECOND = 60;

async function startAs(name, args) {
  const program = join(scratch, name);
  copyFileSync(programs.minivalk, program);
  return Minivalk.start(args, program);
}

// Some of what it allocates is kept, and given up again: a live set that moves.
function keep(minivalk, cells) {
  return minivalk.ask(`eval (define kept (let ((all nil) (left ${cells})) `
    + '(begin (while (> left 0) (set! all (cons left all)) (set! left (- left 1))) all)))');
}

export class Showcase {
  static async start() {
    const showcase = new Showcase();
    showcase.shop = await startAs('shop', ['--servers', '2', '--systems', 'main,jobs']);
    showcase.search = await startAs('search', []);
    await keep(showcase.shop, 30_000);
    showcase.exporter = await Exporter.watching(['--name', 'shop', '--name', 'search']);
    showcase.begun = performance.now();
    showcase.loads = [new Load(showcase.shop, SHOP_PER_SECOND, SHOP), new Load(showcase.search, 8, SEARCH)];
    showcase.events = setInterval(() => showcase.#happen(), 5_000).unref();
    return showcase;
  }

  #turn = 0;

  // What an even load has not: a stall, another live set, a failure now and then.
  #happen() {
    this.#turn++;
    if (this.#turn % 4 === 2) void this.shop.get('/stall?ms=35', this.shop.ports[1]);
    if (this.#turn % 5 === 3) void this.shop.get('/status/503');
    if (this.#turn % 3 === 0) void keep(this.shop, 15_000 + 9_000 * (this.#turn % 5)).catch(() => {});
  }

  get url() {
    return this.exporter.page;
  }

  get seconds() {
    return (performance.now() - this.begun) / 1000;
  }

  async end() {
    clearInterval(this.events);
    for (const load of this.loads) load.stop();
    await this.exporter.end();
    await this.shop.end('SIGKILL');
    await this.search.end('SIGKILL');
  }
}
