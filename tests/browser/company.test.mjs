// The owner's page of the company: every word of it in the language of the page, in every dress.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as school from './school.mjs';

const root = new URL('../../', import.meta.url).pathname;
const away = `import sys, threading; sys.path.insert(0, sys.argv[1]); import bad_server; print(bad_server.start(), flush=True); threading.Event().wait()`;
let browser, server, member, data;

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'lyceum-company-'));
  mkdirSync(join(data, 'models'));
  [browser, member] = await Promise.all([school.launch(), school.start('python3', '-c', away, join(root, 'tests/company'))]);
  writeFileSync(join(data, 'company.yaml'), `members:
  small: {local: default}
  gone: {address: "http://127.0.0.1:9/v1", model: m, retries: 0}
  cloud: {address: "${/http:\S+/.exec(member.said())[0]}", model: good, price: {input: 1000, output: 2000}}
roles:
  front: [gone, cloud, small]
  senior: [cloud, small]
budgets: {school: {day: {money: 5, tokens: 100000}}, learner: {month: {tokens: 5000}}}
`);
  process.env.LYCEUM_MODELS = join(data, 'models');
  server = await school.start(process.env.LYCEUM, 'serve', join(root, 'tests/school/small'), '--data', join(data, 'data'), '--port', '0',
    '--company', join(data, 'company.yaml'));
  for (let i = 0; i < 4; i += 1) await ask();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await member?.stop();
  if (data) rmSync(data, { recursive: true });
});

async function ask() {
  const body = JSON.stringify({ model: 'lyceum', max_tokens: 40, messages: [{ role: 'user', content: 'Tell me of a fox.' }] });
  const answer = await fetch(`${server.base}/v1/chat/completions`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  assert.equal(answer.status, 200);
}

const shown = (page) => page.evaluate(() => {
  const copy = document.querySelector('#company').cloneNode(true);
  for (const name of copy.querySelectorAll('bdi, code, time')) name.remove();
  return copy.innerHTML.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
});

test('who is at work, what has it cost, who failed, and why', async () => {
  const page = await school.open(browser, `${server.base}/company`);
  const text = await page.textContent('#company');
  assert.match(text, /1 of 3 cannot be asked|2 of 3 cannot be asked/);
  assert.match(text, /Spent today 0\.\d\d/);
  assert.match(text, /Failed: gone → cloud it could not be reached/);
  assert.match(text, /Not asked: gone → cloud its breaker is open/);
  assert.match(await page.locator('.firm-members li', { hasText: 'gone' }).textContent(), /breaker open.*it could not be reached/s);
  assert.match(await page.locator('.firm-budgets li').first().textContent(), /The school · today.* \/ 5\.00/s);
  assert.deepEqual(page.wrongs, []);
  await page.context().close();
});

test('each language says all of it in words of its own, and writes numbers as it does', async () => {
  for (const [locale, lang] of [['zh-CN', 'zh'], ['ar', 'ar'], ['es-ES', 'es']]) {
    const page = await school.open(browser, `${server.base}/company`, { locale });
    assert.equal(await page.getAttribute('html', 'lang'), lang);
    assert.equal(await page.locator('#company[lang], #company [lang]').count(), 0);
    const text = await shown(page);
    assert.doesNotMatch(text, /firm_|undefined|%[ds]/);
    if (lang === 'es') {
      assert.doesNotMatch(text, /\b(?:the|its|of|at work|waiting|asked|ready|failed|today|learner|breaker)\b/i);
      assert.match(await page.locator('.firm-budgets li').first().textContent(), /\d,\d\d \/ 5,00/);
    } else assert.doesNotMatch(text, /[A-Za-z]{2,}/, `${lang}: ${text}`);
    await page.context().close();
  }
});

test('it is fit to be seen in every dress, also from right to left', async () => {
  for (const [locale, width, colorScheme] of [['en-GB', 'wide', 'light'], ['ar', 'wide', 'light'], ['ar', 'wide', 'dark'], ['ar', 'narrow', 'light'],
    ['ar', 'narrow', 'dark'], ['zh-CN', 'narrow', 'dark'], ['es-ES', 'narrow', 'light']]) {
    const page = await school.open(browser, `${server.base}/company`, { locale, viewport: school[width], colorScheme });
    const name = `company-${locale.slice(0, 2)}-${width}-${colorScheme}`;
    await school.assertFits(page, name);
    await school.assertAccessible(page, name);
    await school.picture(page, name, { fullPage: true });
    assert.deepEqual(page.wrongs, []);
    await page.context().close();
  }
});
