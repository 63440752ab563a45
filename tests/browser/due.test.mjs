// Reviews that are due: all on one page, each an exercise that is answered in place. What was mastered
// comes back, so two skills are; then months go by in the record.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as school from './school.mjs';

const course = new URL('../school/small', import.meta.url).pathname;
const due = '/practice/due', DAYS = 100;
let browser, server, data, page;

const start = async () => {
  server = await school.start(process.env.LYCEUM, 'serve', course, '--data', data, '--port', '0', '--model', join(data, 'none'));
};
before(async () => {
  data = mkdtempSync(join(tmpdir(), 'lyceum-due-'));
  [browser] = await Promise.all([school.launch(), start()]);
  page = await school.open(browser, server.base);
  await school.master(page, `${server.base}/courses/small/lessons/01-sums`, 'sum-01');
  await school.master(page, `${server.base}/courses/small/lessons/02-more`, 'sum-03');
  await page.goto(server.base + due);
  assert.equal(await page.locator('.exercise').count(), 0, 'what was just done is not due');
  await server.stop();
  school.changeEvents(data, `UPDATE event SET at_ms = at_ms - ${DAYS * 86_400_000};`);
  await start();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (data) rmSync(data, { recursive: true });
});

test('what was learnt long ago is due, each with its exercise and why', async () => {
  await page.goto(`${server.base}/progress`);
  assert.equal(await page.locator('ul.due li').count(), 2);
  await page.goto(server.base + due);
  assert.deepEqual(await page.locator('article .exercise').evaluateAll((all) => all.map((one) => one.id).sort()), ['sum-01', 'sum-03']);
  assert.equal(await page.locator('article h2').count(), 2);
  for (const why of await page.locator('article .why').allTextContents()) assert.match(why, /You knew this 3 months ago/);
  await school.assertAccessible(page, 'due');
  await school.picture(page, 'due-1', { fullPage: true });
});

test('it reads in every language and dress', async () => {
  for (const [language, width, colorScheme] of [['ar', 'wide', 'light'], ['ar', 'narrow', 'dark'], ['zh', 'narrow', 'light'], ['es', 'narrow', 'light'], ['en', 'wide', 'light']]) {
    await page.setViewportSize(school[width]);
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.base}${due}?lang=${language}`);
    assert.equal(await page.locator('article .exercise').count(), 2);
    await school.assertFits(page, language);
    await school.assertAccessible(page, language);
    await school.picture(page, `due-2-${language}-${width}-${colorScheme}`, { fullPage: true });
  }
});

test('a review is answered in its place, and then it is due no more', async () => {
  for (const id of ['sum-01', 'sum-03']) {
    await school.answer(page, id, await school.sum(page, id));
    await school.verdict(page, id, 'right');
  }
  await page.goto(server.base + due);
  assert.equal(await page.locator('article .exercise').count(), 0);
  assert.match(await page.textContent('main'), /Nothing is due today/);
  assert.deepEqual(page.wrongs, []);
});
