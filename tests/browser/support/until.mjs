// Waiting for conditions, never for a time.
import { setTimeout as pause } from 'node:timers/promises';

const STEP_MS = 25;

// What `look` gives, once that is neither false nor undefined nor null; throws with what was there
// last if it doesn't come.
export async function until(what, look, withinMs = 10_000) {
  const deadline = performance.now() + withinMs;
  let problem = 'not so';
  for (;;) {
    try {
      const found = await look();
      if (found !== false && found !== undefined && found !== null) return found;
      problem = `not so: ${JSON.stringify(found)}`;
    } catch (error) {
      problem = error.message;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms: ${problem}`);
    await pause(STEP_MS);
  }
}

// Whether a promise is kept within so long.
export async function within(ms, promise) {
  let timer = null;
  const late = new Promise((give) => { timer = setTimeout(give, ms, false); });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
