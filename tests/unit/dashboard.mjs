#!/usr/bin/env node
// Runs the page's bundled unit tests below a directory.
//
// usage: tests/unit/dashboard.mjs DIRECTORY
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

function testsBelow(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? testsBelow(path) : path.endsWith('.mjs') ? [path] : [];
  });
}

const tests = testsBelow(process.argv[2]);
if (tests.length === 0) throw new Error(`no tests below ${process.argv[2]}`);
process.exit(spawnSync(process.execPath, ['--test', ...tests], { stdio: 'inherit' }).status ?? 1);
