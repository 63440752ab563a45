// A teacher who has never seen it makes a class, invites a learner, sees them stuck, writes what the
// tutor says to the mistake, and the next learner hears it: as docs/teachers.md tells it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as school from './school.mjs';

const root = new URL('../../', import.meta.url).pathname;
const course = join(root, 'courses/build-a-mind');
const lesson = '/courses/build-a-mind/lessons/01-guessing';
let browser, server, data, teacher, ada, code, classPath;

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'lyceum-teachers-'));
  browser = await school.launch();
  server = await school.start(process.env.LYCEUM, 'serve', course, '--data', data, '--host', '0.0.0.0', '--port', '0',
    '--model', join(data, 'none'));
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

/** "banana {a} times … cabbage {b} times": the one who counts bananas alone says 3a. */
async function bananasAlone(page) {
  const text = (await page.textContent('#guess-01 .ask')).replace(/\s+/g, ' ');
  return String(3 * Number(/banana (\d+) times/.exec(text)[1]));
}

async function joins(name) {
  const page = await school.open(browser, `${server.base}/join/${code}`);
  await page.fill('[name=name]', name);
  if (name === 'Ada') await looks(page, 'teachers-3-join');
  await page.click('main .main-button');
  await page.goto(server.base + lesson);
  return page;
}

test('whoever follows the link that is printed first owns the school, once', async () => {
  const link = /http:\/\/\S+\/join\/\S+/.exec(server.said())[0];
  teacher = await school.open(browser, link);
  await teacher.fill('[name=name]', 'Grace Hopper');
  await teacher.fill('[name=login]', 'grace');
  await teacher.fill('[name=password]', 'three little words');
  await looks(teacher, 'teachers-1-owner');
  await teacher.click('main .main-button');
  await teacher.waitForURL('**/teach');
  const again = await school.open(browser, link);
  assert.match(await again.textContent('h1'), /unknown, used up or too old/);
  await again.context().close();
});

test('a class is made, and has a code that can be shown', async () => {
  await teacher.fill('[name=title]', 'Machine minds, 10B');
  await teacher.click('main .main-button');
  await teacher.waitForURL('**/people');
  classPath = new URL(teacher.url()).pathname.replace('/people', '');
  code = (await teacher.textContent('.code')).replace('-', '');
  assert.match(code, /^[A-Z2-9]{8}$/);
  assert.ok(await teacher.locator('.qr').isVisible());
  // Where others are let in, the address that is printed is one that they can follow.
  const { hostname, port } = new URL(server.base);
  assert.equal(await teacher.locator('.invitation .trouble').count(), hostname === '127.0.0.1' ? 1 : 0);
  const near = await school.open(browser, `http://127.0.0.1:${port}/sign-in`);
  await near.fill('[name=login]', 'grace');
  await near.fill('[name=password]', 'three little words');
  await near.click('main .main-button');
  await near.goto(`http://127.0.0.1:${port}${classPath}/people`);
  assert.match(await near.textContent('.invitation .trouble'), /Only this machine.*--host 0\.0\.0\.0/);
  await near.context().close();
  await looks(teacher, 'teachers-2-code');
});

test('a learner joins with a name alone, and gets stuck', async () => {
  ada = await joins('Ada');
  const wrong = await bananasAlone(ada);
  for (let i = 0; i < 2; i += 1) {
    await Promise.all([ada.waitForResponse(/\/attempts$/), school.answer(ada, 'guess-01', wrong)]);
    await school.verdict(ada, 'guess-01', 'not-yet');
  }
});

test('the teacher sees who is stuck, on what, with the two latest answers', async () => {
  await teacher.goto(server.base + classPath);
  const stuck = teacher.locator('.stuck');
  assert.equal(await stuck.count(), 1);
  assert.match(await stuck.textContent(), /Ada.*Fruit and vegetables/s);
  assert.equal(await stuck.locator('.answers li').count(), 2);
  await looks(teacher, 'teachers-4-stuck');
});

test('a mistake that nobody foresaw is written about in the page, and the next learner hears it', async () => {
  await teacher.click('.stuck .to-write'); // from who is stuck to the form that answers them
  await teacher.locator('.wrong-list .write[open]').waitFor();
  assert.match(await teacher.textContent('.wrong-list .names'), /^\{a\} = \d+, \{b\} = \d+$/);
  await teacher.fill('.write [name=is]', '{3*a}');
  await teacher.fill('.write [name=why]', 'one-word-forgotten');
  await teacher.fill('.write [name=say]', 'You counted in one of the two words. Which word is still to be counted?');
  await looks(teacher, 'teachers-5-write');
  await teacher.click('.write .main-button');
  await teacher.locator('.why', { hasText: 'one-word-forgotten' }).waitFor();
  const ben = await joins('Ben');
  await school.answer(ben, 'guess-01', await bananasAlone(ben));
  await school.verdict(ben, 'guess-01', 'not-yet');
  assert.match(await school.says(ben, 'guess-01').last().textContent(), /Which word is still to be counted/);
  await ben.context().close();
});

test('a transcript, a grade that is overruled and taken back, and words to the learner', async () => {
  await teacher.goto(server.base + classPath);
  await teacher.click('.stuck h3 a');
  assert.equal(await teacher.locator('[data-kind=attempt]').count(), 2);
  await teacher.locator('[data-kind=attempt]').last().locator('[name=reason]').fill('You see it now.');
  await teacher.locator('[data-kind=attempt]').last().locator('.overrule button').click();
  await teacher.locator('.overruled').waitFor();
  await looks(teacher, 'teachers-6-transcript');
  await teacher.fill('textarea', 'Come to me after the lesson.');
  await teacher.click('main form[action$=message] .main-button');
  await ada.goto(server.base);
  assert.match(await ada.textContent('.messages'), /counts it right.*You see it now.*Come to me/s);
  await looks(ada, 'teachers-7-desk');
  await teacher.locator('.overrule button', { hasText: 'Take it back' }).click();
  assert.equal(await teacher.locator('.overruled').count(), 0);
});

test('a test before, a test after, and the gain', async () => {
  for (const kind of ['pre', 'post']) {
    await teacher.goto(`${server.base}${classPath}/work`);
    await teacher.selectOption('[name=kind]', kind);
    await teacher.click('main form[action$=work] .main-button');
  }
  await ada.goto(server.base);
  for (const name of ['Test before', 'Test after']) {
    await ada.goto(server.base);
    await ada.locator('.to-do a', { hasText: name }).click();
    if (name === 'Test before') await looks(ada, 'teachers-8-test');
    while (await ada.locator('[name=do][value=skip]').count())
      await Promise.all([ada.waitForNavigation(), ada.click('[name=do][value=skip]')]);
    assert.match(await ada.textContent('main'), /That was the test/);
  }
  await teacher.reload();
  assert.match(await teacher.textContent('.gain'), /took both: 1/);
  await looks(teacher, 'teachers-9-work');
});

test('every page of a teacher fits a phone, the dark, Chinese, Spanish, Arabic and paper', async () => {
  const state = await teacher.context().storageState();
  const pages = ['/teach', classPath, `${classPath}/people`, `${classPath}/work`, '/school', '/account'];
  for (const [kind, options] of [['narrow', { viewport: school.narrow }],
    ['dark', { colorScheme: 'dark' }], ['chinese', { locale: 'zh-CN' }],
    ['spanish', { locale: 'es-ES', viewport: school.narrow }], ['arabic', { locale: 'ar' }]]) {
    for (const path of pages) {
      const page = await school.open(browser, server.base + path, { storageState: state, ...options });
      await school.assertFits(page, `${path} ${kind}`);
      await school.assertAccessible(page, `${path} ${kind}`);
      if (path === classPath) await school.picture(page, `teachers-${kind}`, { fullPage: true });
      assert.deepEqual(page.wrongs, []);
      await page.context().close();
    }
  }
  await school.assertFitsPhones(teacher, server.base, ['/teach', classPath, `${classPath}/people`, `${classPath}/work`, `${classPath}/answers`, '/school', '/account']);
  await teacher.setViewportSize(school.wide);
  await teacher.goto(`${server.base}${classPath}?lang=en`);
  await teacher.emulateMedia({ media: 'print' });
  assert.equal(await teacher.locator('.ways').first().isVisible(), false);
  assert.ok(await teacher.locator('.heat').isVisible());
  await school.picture(teacher, 'teachers-print', { fullPage: true });
});
