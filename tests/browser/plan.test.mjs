// A learner's days off, exam and goal on their own page: told in a line, changed in a form, followed by
// the reviews that are to come, and taken back.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as school from './school.mjs';

const course = new URL('../school/small', import.meta.url).pathname;
const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
let browser, server, data, page;

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'lyceum-plan-'));
  [browser, server] = await Promise.all([school.launch(),
    school.start(process.env.LYCEUM, 'serve', course, '--data', data, '--port', '0', '--model', join(data, 'none'))]);
  page = await school.open(browser, server.base, { timezoneId: 'Pacific/Auckland' });
  await school.master(page, `${server.base}/courses/small/lessons/01-sums`, 'sum-01');
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (data) rmSync(data, { recursive: true });
});

const told = () => page.locator('.plan summary').innerText();
const toCome = () => page.locator('.upcoming time').evaluateAll((all) => all.map((one) => one.getAttribute('datetime')));
const plans = async () => (await page.evaluate(() => fetch('/api/learners/me/events').then((one) => one.json())))
  .events.filter((one) => one.kind === 'plan');

async function keep(fill) {
  if (!await page.locator('form.plan').isVisible()) await page.click('.plan summary');
  await fill();
  await Promise.all([page.waitForNavigation(), page.click('form.plan button')]);
}

test('the reviews to come follow the days off, and come back with them', async () => {
  await page.goto(`${server.base}/progress`);
  assert.equal(await page.locator('form.plan').isVisible(), false, 'the form is folded away');
  assert.match(await told(), /My plan\s+Days off, exam, goal/);
  await keep(async () => {}); // the learner's clock
  const [first] = await toCome();
  const day = days[new Date(first).getUTCDay()];
  await keep(() => page.check(`[name=day_off][value=${day}]`));
  assert.equal(new URL(page.url()).pathname, '/progress');
  assert.match(await told(), new RegExp(`Days off: ${day.slice(0, 3)}`, 'i'));
  const [moved] = await toCome();
  assert.notEqual(moved, first);
  await keep(() => page.uncheck(`[name=day_off][value=${day}]`));
  assert.deepEqual(await toCome(), [first]);
  const events = await plans();
  assert.deepEqual(events.map((one) => one.data.days_off), [[], [day], []], 'each change is an event');
  assert.ok(events.every((one) => [720, 780].includes(one.data.utc_offset)), 'by the clock of the browser');
});

test('an exam and a goal are told, and are none when they are emptied', async () => {
  await keep(async () => { await page.fill('#f-exam', '2031-06-30'); await page.fill('#f-goal', '15'); });
  assert.match(await told(), /Exam: Mon 30 Jun 2031\s+Answers a day: 15/);
  assert.match(await page.textContent('main'), /Answers today, of the goal: \d+ \/ 15/);
  await page.click('.plan summary');
  assert.equal(await page.inputValue('#f-exam'), '2031-06-30');
  await keep(async () => { await page.fill('#f-exam', ''); await page.fill('#f-goal', ''); });
  assert.match(await told(), /My plan\s+Days off, exam, goal/);
});

test('seven days off are refused in a sentence', async () => {
  await keep(async () => { for (const day of days) await page.check(`[name=day_off][value=${day}]`); });
  assert.match(await page.textContent('main'), /One day of the week must stay for practice/);
  page.wrongs.length = 0; // the browser's own word on a 400
  await page.goto(`${server.base}/progress`);
  assert.match(await told(), /My plan\s+Days off, exam, goal/);
});

test('it serves without scripts', async () => {
  const state = await page.context().storageState();
  const plain = await school.open(browser, `${server.base}/progress?lang=es`, { javaScriptEnabled: false, storageState: state });
  await plain.click('.plan summary');
  await plain.check('[value=sunday]');
  await plain.fill('#f-exam', '2031-06-30');
  await plain.click('form.plan button');
  await plain.waitForURL('**/progress#plan');
  assert.match(await plain.locator('.plan summary').innerText(), /Días libres: dom\s+Examen: lun, 30 jun 2031/);
  await plain.context().close();
  await page.goto(`${server.base}/progress`);
  assert.equal((await plans()).at(-1).data.utc_offset, (await plans())[0].data.utc_offset, 'the clock stays');
});

test('it reads in every language and dress', async () => {
  for (const [language, width, colorScheme] of [['en', 'wide', 'light'], ['en', 'narrow', 'dark'], ['ar', 'wide', 'light'], ['ar', 'narrow', 'dark'], ['zh', 'narrow', 'light'], ['es', 'narrow', 'light']]) {
    await page.setViewportSize(school[width]);
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.base}/progress?lang=${language}`);
    for (const state of ['closed', 'open']) {
      if (state === 'open') await page.click('.plan summary');
      await school.assertFits(page, language);
      await school.assertAccessible(page, `${language} ${state}`);
      await school.picture(page, `plan-${language}-${width}-${colorScheme}-${state}`);
    }
  }
  assert.deepEqual(page.wrongs, []);
});
