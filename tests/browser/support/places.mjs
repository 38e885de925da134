// Where the build has put what the tests run. `run` gives these from ctest; without it, build/.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const build = process.env.VALKYRIA_BUILD_DIR ?? join(root, 'build');
const modules = process.env.VALKYRIA_WEB_MODULES ?? join(build, 'web');

export const programs = {
  exporter: join(build, 'bin/valkyria_exporter'),
  minivalk: join(build, 'bin/minivalk'),
  puppet: join(build, 'tests/probe_puppet'),
  chromium: process.env.VALKYRIA_CHROMIUM ?? '/usr/bin/chromium',
};

// The page's own lock file brings what drives the browser, too.
export const requireModule = createRequire(join(modules, 'node_modules/any.js'));

export const screenshots = join(build, 'screenshots');
mkdirSync(screenshots, { recursive: true });

// A directory of this run, gone with it, also where a time limit ends it.
export const scratch = mkdtempSync(join(tmpdir(), 'valkyria-browser-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
