// What no page may do, whatever a test is about: log an error, break its Content-Security-Policy,
// ask anybody but its exporter.
import assert from 'node:assert/strict';

export class Guard {
  #errors = [];
  #strangers = [];
  #allowed = [];

  constructor(page, url) {
    this.page = page;
    this.origin = new URL(url).origin;
  }

  // An error that the test itself provokes.
  allow(pattern) {
    this.#allowed.push(pattern);
  }

  async watch() {
    this.page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.#errors.push(`${message.text()} ${message.location().url}`);
    });
    this.page.on('pageerror', (error) => this.#errors.push(`uncaught: ${error.message}`));
    this.page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${this.origin}/`) && !url.startsWith('data:')) this.#strangers.push(url);
    });
    await this.page.addInitScript(() => {
      window.violations = [];
      document.addEventListener('securitypolicyviolation', (event) =>
        window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
    });
  }

  async check() {
    const unexpected = this.#errors.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
    assert.deepEqual(unexpected, [], 'errors on the console');
    assert.deepEqual(this.#strangers, [], 'requests to strangers');
    assert.deepEqual(await this.page.evaluate(() => window.violations), [], 'violations of the policy');
  }
}
