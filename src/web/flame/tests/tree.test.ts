import assert from 'node:assert/strict';
import test from 'node:test';
import { mark, searchFor } from '../search';
import type { Profile } from '../seam';
import { FrameTable, stacksOf } from '../stacks';
import { buildTree, mergeSmall, samplesWith, WHOLE, type Source, type TreeNode, type View } from '../tree';
import { step } from '../walk';
import { deltaOf, difference, signed, timeParts, whyEmpty } from '../words';

// Stacks as "main a b", each with its samples, thread and phase.
function profileOf(rows: [string, number, number?, number?][]): Profile {
  const names = [...new Set(rows.flatMap(([stack]) => stack.split(' ')))];
  const profile: Profile = {
    process: 'p', pid: 1, exe: '/bin/p', build_id: '', version: '1', begun_unix_ms: 0, seconds: 1, hz: 99, cpu_seconds: 1,
    samples: 0, truncated: 0, failed: 0, lost: 0, caveats: [], time: { running: 1, queued: 0.5, paused: null, polling: 2, blocked: null },
    threads: [['main', 1], ['worker', 2]], frames: names.map((name) => [name, 'native', 'lib', '']), parents: [], frame_of_node: [], ends: [],
  };
  for (const [stack, samples, thread = 0, phase = 0] of rows) {
    let parent = 0;
    for (const name of stack.split(' ')) {
      const node = profile.parents.length + 1;
      profile.parents.push(node - parent);
      profile.frame_of_node.push(names.indexOf(name));
      parent = node;
    }
    profile.ends.push(parent, thread, phase, samples);
    profile.samples += samples;
  }
  return profile;
}

function treeOf(rows: [string, number, number?, number?][], view: Partial<View> = {}, baseRows?: [string, number][]): TreeNode {
  const table = new FrameTable();
  const source = (of: [string, number, number?, number?][]): Source => {
    const profile = profileOf(of);
    return { profile, stacks: stacksOf(profile, table) };
  };
  return buildTree(source(rows), baseRows ? source(baseRows) : null, table, { ...WHOLE, ...view });
}

function shown(node: TreeNode): string {
  const below = node.children.map(shown).join(' ');
  return `${node.frame.name}:${node.value}${below ? `(${below})` : ''}`;
}

test('stacks that begin alike are one branch', () => {
  assert.equal(shown(treeOf([['main a b', 3], ['main a', 1], ['main c', 2]])), 'all:6(main:6(a:4(b:3) c:2))');
});

test('a view leaves out phases, threads and functions', () => {
  const rows: [string, number, number?, number?][] = [['main a', 3], ['main b', 2, 1, 1], ['main gc', 1, 0, 2]];
  assert.equal(treeOf(rows, { phase: 'inside' }).value, 3);
  assert.equal(treeOf(rows, { phase: 'collecting' }).value, 1);
  assert.equal(treeOf(rows, { thread: 1 }).value, 2);
  assert.equal(treeOf(rows, { hidden: new Set([1]) }).value, 3);
});

test('reversed, what ran comes first, and a recursion is not its own caller', () => {
  assert.equal(shown(treeOf([['main a', 3], ['main b a', 2]], { isReversed: true })), 'all:5(a:5(main:3 b:2(main:2)))');
  assert.equal(shown(treeOf([['main f f x', 3]], { isReversed: true, callersOf: 1 })), 'all:3(f:3(main:3))');
});

test('a comparison is of shares', () => {
  const root = treeOf([['main a', 50], ['main n', 50]], {}, [['main a', 10], ['main gone', 30]]);
  const [a, n] = root.children[0]?.children ?? [];
  assert.ok(a && n);
  assert.equal(deltaOf(a, root), 25);
  assert.equal(difference(n, root), 'new: not in the base');
  assert.equal(signed(-0.001), '±0');
  assert.equal(signed(-12.34), '−12.3');
});

test('nested matches count once, and a wrong expression is a message', () => {
  const root = treeOf([['main f f', 3], ['main g', 2]]);
  const { match } = searchFor('F', false);
  assert.deepEqual(mark(root, match), { nodes: 2, value: 3, base: 0 });
  assert.equal(samplesWith(root, 1), 3);
  assert.equal(searchFor('(', true).match, null);
  assert.match(searchFor('(', true).problem, /^not a regular expression: /);
  assert.equal(searchFor('(', false).problem, '');
});

test('small nodes become one', () => {
  const root = treeOf([['main a', 100_000], ['main b c', 1], ['main d', 2]]);
  mergeSmall(root);
  assert.equal(shown(root), 'all:100003(main:100003(a:100000 (3 small):3))');
});

test('keys walk over what is drawn', () => {
  const root = treeOf([['main a x', 3], ['main b y', 2]]);
  const main = root.children[0];
  const [a, b] = main?.children ?? [];
  const x = a?.children[0];
  assert.ok(main && a && b && x);
  assert.equal(step(root, 'callee', () => true), main);
  assert.equal(step(main, 'callee', () => true), a);
  assert.equal(step(main, 'callee', (node) => node !== a), b);
  assert.equal(step(x, 'right', () => true), b.children[0], 'on to the next branch');
  assert.equal(step(x, 'left', () => true), null);
  assert.equal(step(x, 'root', () => true), root);
});

test('an empty picture has its reason, and times that are not known are left out', () => {
  const profile = { ...profileOf([]), caveats: ['0 samples: idle'] };
  assert.equal(whyEmpty(profile, WHOLE), '0 samples: idle.');
  assert.deepEqual(timeParts(profile.time).map(({ id }) => id), ['running', 'queued', 'polling']);
});
