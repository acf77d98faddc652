// harness.mjs - the least that a test of a client needs: cases in order, one line each, a sum at the end.
import assert from 'node:assert/strict';

export { assert };
export const url = process.env.SANDBOX_URL;
const cases = [];

export function test(name, run) {
  cases.push({ name, run });
}

// Control paths of the sandbox.
export async function control(method, path, body) {
  const answer = await fetch(url + path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

export const fault = (...faults) => control('POST', '/sandbox/faults', faults);
export const sign = (wishes = {}) => control('POST', '/sandbox/sign', wishes);

// The calls that the org received since the log was cleared.
export async function calls(path = '/services/data') {
  return (await control('GET', `/sandbox/log?path=${encodeURIComponent(path)}`)).calls;
}

// Waits for a rejection and gives the error back.
export async function refusal(promise) {
  try {
    const value = await promise;
    assert.fail(`not refused: ${JSON.stringify(value)}`);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return error;
  }
}

export async function run(before) {
  let passed = 0;
  let failed = 0;
  for (const { name, run: body } of cases) {
    let timer;
    try {
      await before?.();
      await Promise.race([
        body(),
        new Promise((_, reject) => {
          timer = setTimeout(() => reject(new Error('not finished after 30 s')), 30000);
        }),
      ]);
      passed += 1;
      console.log(`ok   ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}\n${error?.stack ?? error}`);
    } finally {
      clearTimeout(timer);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
