import assert from 'node:assert/strict';
import test from 'node:test';
import {
  bytes, bytesPerSecond, clockTimeMs, count, dateTime, milliseconds, NONE, offsetText, percent, perSecond, seconds, span, written, zoneText,
} from '../data/format';

const plain = (text: string): string => text.replace(/\u00a0/g, ' ');

test('counts have three figures and a prefix', () => {
  for (const [value, text] of [[0, '0'], [7, '7'], [999, '999'], [999.9, '1 k'], [1234, '1.23 k'], [12_345, '12.3 k'], [2.5e9, '2.5 G']] as const) {
    assert.equal(plain(count.format(value)), text);
  }
});

test('sizes are powers of 1024, and say so', () => {
  assert.equal(plain(bytes.format(512)), '512 B');
  assert.equal(plain(bytes.format(16_777_216)), '16 MiB');
  assert.equal(plain(bytesPerSecond.format(1536)), '1.5 KiB/s');
});

test('durations go from nanoseconds to days', () => {
  for (const [value, text] of [[0, '0 s'], [2.5e-9, '2.5 ns'], [0.00083, '830 µs'], [0.0042, '4.2 ms'], [1.3, '1.3 s'], [125, '2 min 5 s']] as const) {
    assert.equal(plain(seconds.format(value)), text);
  }
  assert.equal(plain(milliseconds.format(12.34)), '12.3 ms');
  assert.equal(plain(span(3 * 86_400_000 + 4 * 3_600_000)), '3 d 4 h');
  assert.equal(plain(span(-5)), '0 s');
});

test('shares that are not 0 are not written as 0', () => {
  assert.equal(plain(percent.format(0)), '0 %');
  assert.equal(plain(percent.format(0.00001)), '< 0.01 %');
  assert.equal(plain(percent.format(0.1234)), '12.3 %');
  assert.equal(plain(perSecond.format(1234)), '1.23 k/s');
  assert.equal(plain(perSecond.format(12)), '12 /s');
});

test('what is not known is a dash', () => {
  assert.equal(written(null, count), NONE);
  assert.equal(written(undefined, count), NONE);
  assert.equal(written(0, count), '0');
});

test('times are ISO dates and 24 hours, with their zone', () => {
  const at = Date.UTC(2026, 10, 26, 20, 5, 9, 42);
  assert.equal(dateTime(at, 'utc'), '2026-11-26 20:05:09');
  assert.equal(clockTimeMs(at, 'utc'), '20:05:09.042');
  assert.equal(zoneText('utc', at), 'UTC');
  assert.equal(offsetText(-330), 'UTC+05:30');
  assert.equal(offsetText(210), 'UTC−03:30');
});
