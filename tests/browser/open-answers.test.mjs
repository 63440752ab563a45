// A learner writes an open answer, a teacher reads it and decides, the learner sees what was said;
// then the decision is taken back. Without a model: nobody but a person ever decides.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as school from './school.mjs';

const root = new URL('../../', import.meta.url).pathname;
const course = join(root, 'tests/school/open');
const lesson = '/courses/open/lessons/01-fair';
const written = 'It may know them by heart.\nI would test it on <new> sentences.';
let browser, server, data, teacher, ada, classPath;

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'lyceum-open-'));
  browser = await school.launch();
  server = await school.start(process.env.LYCEUM, 'serve', course, '--data', data, '--port', '0', '--model', join(data, 'none'));
  teacher = await school.open(browser, /http:\/\/\S+\/join\/\S+/.exec(server.said())[0]);
  await teacher.fill('[name=name]', 'Grace Hopper');
  await teacher.fill('[name=login]', 'grace');
  await teacher.fill('[name=password]', 'three little words');
  await teacher.click('main .main-button');
  await teacher.waitForURL('**/teach');
  await teacher.fill('[name=title]', 'Fair tests, 10B');
  await teacher.click('main .main-button');
  await teacher.waitForURL('**/people');
  classPath = new URL(teacher.url()).pathname.replace('/people', '');
  const code = (await teacher.textContent('.code')).replace('-', '');
  ada = await school.open(browser, `${server.base}/join/${code}`);
  await ada.fill('[name=name]', 'Ada');
  await ada.click('main .main-button');
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (data) rmSync(data, { recursive: true });
});

const looks = async (page, name) => {
  await school.assertAccessible(page, name);
  await school.picture(page, name, { fullPage: true });
};

test('the learner sees what is looked for, writes, and is told that a person will read it', async () => {
  await ada.goto(server.base + lesson);
  assert.equal(await ada.locator('#fair-why .looked-for li').count(), 2);
  await ada.fill('#fair-why .field', written);
  await Promise.all([ada.waitForResponse(/\/attempts$/), ada.click('#fair-why .check')]);
  assert.match(await school.says(ada, 'fair-why').last().textContent(), /A person will read it/);
  assert.equal(await ada.getAttribute('#fair-why .verdict', 'data-verdict'), '');
  await ada.reload();
  assert.equal(await ada.inputValue('#fair-why .field'), written);
  assert.equal(await ada.getAttribute('#fair-why .open-told', 'data-waiting'), 'yes');
  await looks(ada, 'open-1-waiting');
});

test('the class page counts it, and the teacher reads it in their words', async () => {
  await teacher.goto(server.base + classPath);
  assert.match(await teacher.textContent('.open-count'), /1/);
  await teacher.click('.open-count a');
  const answer = teacher.locator('.open-answer');
  assert.equal(await answer.count(), 1);
  assert.equal((await answer.locator('.written').textContent()).trim(), written);
  assert.equal(await answer.locator('.level').count(), 5);
  assert.equal(await answer.locator('.level :checked').count(), 0); // nobody proposed anything
  await looks(teacher, 'open-2-queue');
  await teacher.setViewportSize(school.narrow);
  await looks(teacher, 'open-2-queue-narrow');
  await teacher.emulateMedia({ colorScheme: 'dark' });
  await looks(teacher, 'open-2-queue-dark');
  await teacher.emulateMedia({ colorScheme: 'light' });
  await teacher.setViewportSize(school.wide);
});

test('the queue reads in every language, also from right to left', async () => {
  for (const language of ['zh', 'es', 'ar']) {
    await teacher.goto(`${server.base}${classPath}/answers?lang=${language}`);
    await looks(teacher, `open-2-queue-${language}`);
  }
  await teacher.goto(`${server.base}${classPath}/answers?lang=en`);
});

test('one act decides, and the learner sees the levels and the words', async () => {
  await teacher.check('[name=level-0][value="2"]');
  await teacher.check('[name=level-1][value="1"]');
  await teacher.fill('[name=words]', 'Well seen: by heart is the word.');
  await teacher.click('.open-answer .main-button');
  await teacher.locator('.said-of').waitFor();
  await ada.goto(server.base + lesson);
  const told = ada.locator('#fair-why .open-told');
  assert.equal(await told.getAttribute('data-waiting'), 'no');
  assert.match(await told.textContent(), /it may know these sentences by heart.*Well seen/s);
  await school.verdict(ada, 'fair-why', 'right');
  await looks(ada, 'open-3-read');
  await ada.goto(server.base);
  assert.match(await ada.textContent('.message'), /has read your open answer/);
});

test('a decision is taken back, and the answer waits again', async () => {
  await teacher.click('.open-answer form.inline button');
  await teacher.locator('.open-answer .level').first().waitFor();
  await ada.goto(server.base + lesson);
  assert.equal(await ada.getAttribute('#fair-why .open-told', 'data-waiting'), 'yes');
  assert.deepEqual([...teacher.wrongs, ...ada.wrongs], []);
});
