// What strangers write stays text, and every answer carries the headers that keep it so.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import * as school from './school.mjs';

const attacks = [
  '<script>document.title = "taken"</script>',
  '<img src=x onerror="document.title = \'taken\'">',
  '"><svg onload="document.title = \'taken\'">',
  '</script><script>document.title = "taken"</script>',
  '<iframe srcdoc="<script>parent.document.title = \'taken\'</script>"></iframe>',
  '<a href="javascript:document.title=\'taken\'">x</a>',
  '{{title}} ${7*7} \\href{javascript:document.title="taken"}{x}',
];
let browser, server;

before(async () => { [browser, server] = await Promise.all([school.launch(), school.startPages('absent', 'x')]); });
after(async () => { await browser?.close(); await server?.stop(); });

/** Nothing of what was written has become part of the page. */
async function assertUntaken(page, place) {
  const [title, strange] = await page.evaluate(() => [document.title,
    [...document.querySelectorAll('main script, main iframe, main [onload], main [onerror], main img[src=x], main a[href^="javascript:"]')]
      .map((one) => one.outerHTML)]);
  assert.notEqual(title, 'taken', place);
  assert.deepEqual(strange, [], place);
}

test('scripts in titles of a course, in answers, questions and names are shown as text', async () => {
  const page = await school.open(browser, `${server.base}/courses/x/lessons/01`);
  await assertUntaken(page, 'course');
  assert.ok((await page.textContent('#h1 h3')).includes('<script>'));
  for (const attack of attacks) {
    await school.answer(page, 'h1', attack);
    await page.waitForFunction((text) => document.querySelector('#h1 .log').textContent.includes(text), attack);
    await school.ask(page, 'h1', attack);
    assert.ok((await page.textContent('#h1 .log .mine:last-of-type')).includes(attack));
    await assertUntaken(page, attack);
  }
  await page.reload();
  assert.equal(await page.inputValue('#field-h1'), attacks.at(-1));
  await assertUntaken(page, 'after reloading');
  for (const attack of attacks) {
    await page.goto(`${server.base}/progress`);
    await page.fill('#name', attack);
    await Promise.all([page.waitForNavigation(), page.click('.name button')]);
    assert.equal(await page.inputValue('#name'), attack.slice(0, 80));
    await assertUntaken(page, `name ${attack}`);
    await page.goto(`${server.base}/`);
    assert.ok((await page.textContent('.welcome')).includes(attack.slice(0, 80)));
    await assertUntaken(page, `welcome ${attack}`);
  }
  assert.deepEqual(page.wrongs, [], 'and the policy had nothing to forbid');
  await page.context().close();
});

test('scripts are shown as text by forms without JavaScript too', async () => {
  const context = await browser.newContext();
  for (const attack of attacks) {
    const answer = await context.request.post(`${server.base}/courses/x/lessons/01/exercises/h1`,
      { form: { check: 'number', seed: '7', answer: attack } });
    const page = await context.newPage();
    await page.setContent(await answer.text());
    await assertUntaken(page, attack);
    assert.ok((await page.textContent('#h1 .log')).includes(attack));
    await page.close();
  }
  await context.close();
});

test('the policy stops a script that gets into a page all the same', async () => {
  const page = await school.open(browser, `${server.base}/`);
  const forbidden = page.waitForEvent('console', (message) => /Content Security Policy/.test(message.text()));
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "taken"';
    document.body.append(script);
    const image = document.createElement('img');
    image.setAttribute('onerror', 'document.title = "taken"');
    image.src = '/nowhere';
    document.body.append(image);
  });
  await forbidden;
  assert.notEqual(await page.title(), 'taken');
  await page.context().close();
});

test('every answer carries the headers of good practice, whatever was asked', async () => {
  const asked = [['GET', '/'], ['GET', '/courses/x/lessons/01'], ['GET', '/courses/x/lessons/77'], ['GET', '/progress'],
    ['GET', '/nowhere'], ['GET', '/courses/x/files/figure.svg'], ['GET', '/ui/0/styles/page.css'], ['GET', '/ui/0/katex/fonts/none'],
    ['GET', '/healthz'], ['GET', '/metrics'], ['GET', '/api/openapi.json'], ['GET', '/api/progress'], ['GET', '/api/nothing'],
    ['DELETE', '/api/turns'], ['POST', '/api/turns'], ['POST', '/api/learners'], ['POST', '/progress'], ['HEAD', '/'], ['PUT', '/']];
  for (const [method, path] of asked) {
    const answer = await fetch(server.base + path, { method, redirect: 'manual' });
    const told = `${method} ${path} (${answer.status})`;
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/, told);
    assert.match(policy, /frame-ancestors 'none'/, told);
    assert.doesNotMatch(policy, /unsafe|\*/, told);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', told);
    assert.equal(answer.headers.get('x-frame-options'), 'DENY', told);
    assert.equal(answer.headers.get('referrer-policy'), 'same-origin', told);
    assert.equal(answer.headers.get('cross-origin-opener-policy'), 'same-origin', told);
    assert.ok(answer.headers.get('cache-control'), told);
    assert.equal(answer.headers.get('access-control-allow-origin'), null, told);
    await answer.arrayBuffer();
  }
});
