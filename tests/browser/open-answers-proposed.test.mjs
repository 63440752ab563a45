// What a model proposed to open answers: a teacher sees it beside the levels, takes it or says
// otherwise, and every second answer is decided without sight of it. The proposals are written into
// the record as a model's are, since no small model is needed to read them.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as school from './school.mjs';

const root = new URL('../../', import.meta.url).pathname;
const lesson = '/courses/open/lessons/01-fair';
const cited = 'It may know them by heart.', written = `${cited} I would test it on <new> sentences.`;
const claims = ['Takes the result as proof', 'Doubts the result', 'Says that it may know'];
const LEARNERS = 8;
let browser, server, data, teacher, ada, classPath;

const start = async () => {
  server = await school.start(process.env.LYCEUM, 'serve', join(root, 'tests/school/open'), '--data', data, '--port', '0', '--model', join(data, 'none'));
};

/** Ada's is one of which the model is sure, so that she is told of it at once. */
const proposals = `INSERT INTO event(learner, at_ms, kind, data)
  SELECT learner, at_ms + 1, 'proposed', json_object('event', id, 'model', 'reader', 'criteria', json_array(
    json_object('level', 2, 'raw', 0.8, 'cite', '${cited}', 'certainty', 0.8), json_object('level', 1, 'raw', 0.7, 'cite', '', 'certainty', 0.7)),
    'sure', json(iif(learner = (SELECT min(learner) FROM event WHERE kind = 'attempt'), 'true', 'false')))
  FROM event WHERE kind = 'attempt';`;

async function learns(code, name) {
  const page = await school.open(browser, `${server.base}/join/${code}`);
  await page.fill('[name=name]', name);
  await page.click('main .main-button');
  await page.goto(server.base + lesson);
  await page.fill('#fair-why .field', written);
  await Promise.all([page.waitForResponse(/\/attempts$/), page.click('#fair-why .check')]);
  return page;
}

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'lyceum-proposed-'));
  browser = await school.launch();
  await start();
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
  ada = await learns(code, 'Ada');
  for (let i = 1; i < LEARNERS; i += 1) await (await learns(code, `Learner ${i}`)).context().close();
  await server.stop();
  school.changeEvents(data, proposals);
  await start();
  await teacher.goto(`${server.base}${classPath}/answers`);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (data) rmSync(data, { recursive: true });
});

const looks = async (page, name) => {
  await school.assertAccessible(page, name);
  await school.assertFits(page, name);
  await school.picture(page, name, { fullPage: true });
};
/** Answers that wait: a decided one has what was said of it. */
const waits = () => teacher.locator('.open-answer:not(:has(.said-of))');
const shown = () => waits().filter({ has: teacher.locator('.proposed') });
const keptBack = () => waits().filter({ hasText: 'A model has read this too' });
const decided = () => teacher.locator('.open-answer:has(.said-of)');
/** Decides, and gives that answer as it stands among those that were decided. */
async function decides(act) {
  const before = await decided().count();
  await Promise.all([teacher.waitForNavigation(), act()]);
  assert.equal(await decided().count(), before + 1);
  return decided().first().locator('.said-of').textContent();
}

test('a proposal stands beside its level with what it points to, chosen is none; of some it is kept back', async () => {
  const [n_shown, n_back] = [await shown().count(), await keptBack().count()];
  assert.equal(n_shown + n_back, LEARNERS);
  assert.ok(n_shown > 2 && n_back > 0, `${n_shown} shown, ${n_back} kept back`);
  const one = shown().first();
  assert.equal(await one.locator('.level :checked').count(), 0);
  assert.match(await one.locator('.level', { hasText: claims[2] }).locator('.proposed').textContent(), /kept with a chance of 80%/);
  assert.equal(await one.locator('.cited q').textContent(), cited);
  assert.equal(await one.locator('.written mark').textContent(), cited);
  assert.equal(await keptBack().first().locator('.proposed, .cited, [name=proposed], mark').count(), 0);
  await looks(teacher, 'proposed-1-queue');
});

test('where the model is sure the learner is told, as the model\'s view and no grade', async () => {
  await ada.goto(server.base + lesson);
  const told = ada.locator('#fair-why .open-told');
  assert.equal(await told.getAttribute('data-by'), 'model');
  assert.match(await told.textContent(), /no grade.*by heart/s);
  assert.match(await teacher.locator('main').textContent(), /Told by the model meanwhile/);
  await looks(ada, 'proposed-2-told');
});

test('one act takes a proposal as it is', async () => {
  const said = await decides(() => shown().first().locator('[name=proposed]').click());
  assert.match(said, new RegExp(`${claims[2]}.*Would test it`, 's'));
  assert.doesNotMatch(said, /had proposed/);
});

test('what the teacher chose goes before the proposal, which fills in the rest', async () => {
  const one = shown().first();
  await one.locator('.level', { hasText: claims[0] }).locator('input').check();
  const said = await decides(() => one.locator('[name=proposed]').click());
  assert.match(said, new RegExp(`${claims[0]}.*The model had proposed:.*${claims[2]}.*Would test it`, 's'));
});

test('another decision overrides it, and what was kept back is told afterwards', async () => {
  for (const [list, other] of [[shown, 1], [keptBack, 1]]) {
    const one = list().first();
    await one.locator('.level', { hasText: claims[other] }).locator('input').check();
    await one.locator('.level', { hasText: 'Names nothing' }).locator('input').check();
    const said = await decides(() => one.locator('.main-button').click());
    assert.match(said, new RegExp(`${claims[other]}.*had proposed:.*${claims[2]}.*Names nothing.*had proposed:.*Would test it`, 's'));
  }
  // Two levels an answer: kept of those beside the proposal are two, one, and none.
  assert.match(await teacher.locator('main').textContent(), /reader: of 2 levels that you decided before you saw its proposal, 0 were as it proposed; of 6 decided beside the proposal, 3\./);
  assert.deepEqual(teacher.wrongs, []);
});

test('the pages of proposals read in every language and dress', async () => {
  for (const [language, width, colorScheme] of [['ar', 'wide', 'dark'], ['ar', 'narrow', 'light'], ['zh', 'narrow', 'dark'], ['es', 'wide', 'light']]) {
    await teacher.setViewportSize(school[width]);
    await teacher.emulateMedia({ colorScheme });
    await teacher.goto(`${server.base}${classPath}/answers?lang=${language}`);
    await looks(teacher, `proposed-3-${language}-${width}-${colorScheme}`);
  }
});
