// docs/dashboard.md says what the page says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTab } from '../support/browser.mjs';
import { root } from '../support/places.mjs';

export function documents(showcase) {
  test('the documented thresholds are those of the page', async () => {
    const markdown = readFileSync(join(root, 'docs/dashboard.md'), 'utf8');
    const documented = markdown.split('\n').filter((line) => line.startsWith('| ') && line.includes(' ✕ '))
      .map((line) => line.split('|').slice(1, 5).map((cell) => cell.trim()));
    await withTab(showcase().url, async (view) => {
      await view.ready();
      await view.goTo('limits');
      const shown = await view.page.locator('#limits tbody tr').evaluateAll((rows) =>
        rows.map((row) => [...row.children].slice(0, 4).map((cell) => cell.textContent.replaceAll('\u00a0', ' '))));
      assert.deepEqual(documented, shown);
    });
  });
}
