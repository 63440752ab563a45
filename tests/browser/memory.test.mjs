// What the school remembers of a learner, the whole way through the real school: asked once, told,
// shown in the lesson, noted, changed, erased and taken away.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as school from './school.mjs';

const course = join(new URL('../../', import.meta.url).pathname, 'courses/build-a-mind');
const lesson = '/courses/build-a-mind/lessons/01-guessing';
let browser, server, data;

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'lyceum-memory-'));
  browser = await school.launch();
  server = await school.start(process.env.LYCEUM, 'serve', course, '--data', data, '--port', '0',
    '--model', join(data, 'none.gguf'));
});
after(async () => { await browser?.close(); await server?.stop(); rmSync(data, { recursive: true, force: true }); });

const way = (name, act, options = {}) => test(name, { timeout: 60_000 }, async () => {
  const page = await school.open(browser, server.base + (options.path ?? lesson), options.context);
  try {
    await act(page);
    assert.deepEqual(page.wrongs, []);
  } finally {
    await page.context().close();
  }
});

const tell = async (page, ...labels) => {
  await page.goto(`${server.base}/memory`);
  for (const label of labels) await page.getByLabel(label, { exact: true }).check();
  await page.click('form.about button');
  await page.waitForURL('**/memory');
};

way('the tutor asks once, and an example fits what was told', async (page) => {
  assert.match(await page.textContent('article'), /Put a finger on the tongue twister/);
  const text = (await page.textContent('#guess-01 .ask')).replace(/\s+/g, ' ');
  const [, a, b] = /banana (\d+) times.*cabbage (\d+) times/.exec(text).map(Number);
  await school.answer(page, 'guess-01', String(3 * a + 2 * b));
  await school.verdict(page, 'guess-01', 'right');
  const asked = page.locator('#guess-01 .log a[href="/memory"]');
  await asked.waitFor();
  await school.picture(page, 'memory-asked');
  await asked.click();
  await page.waitForURL('**/memory');
  await tell(page, 'A child, up to 12', 'Music');
  await page.goto(server.base + lesson);
  const shown = await page.textContent('article');
  assert.match(shown, /39 slips of paper/);
  assert.doesNotMatch(shown, /Put a finger on the tongue twister|a tune of 39 notes/);
  assert.match(await page.textContent('.told-for'), /A child, up to 12/);
  await page.locator('.told-for').scrollIntoViewIfNeeded();
  await school.picture(page, 'memory-told-for');
  await page.goto(`${server.base}${lesson}?lang=zh`);
  assert.match(await page.textContent('article'), /39 张纸条/);
});

way('a goal that was told is noted, changed and erased', async (page) => {
  await school.ask(page, 'guess-01', 'My goal is to build a robot that writes poems.');
  await page.locator('#guess-01 .say', { hasText: 'keep that in mind' }).waitFor();
  await page.goto(`${server.base}/memory`);
  const note = page.locator('.memories li').first();
  assert.equal(await note.locator('textarea').inputValue(), 'My goal is to build a robot that writes poems.');
  await note.locator('textarea').fill('My goal is to write poems.');
  await note.locator('button[value=change]').click();
  await page.waitForURL('**/memory');
  assert.equal(await page.locator('.memories textarea').first().inputValue(), 'My goal is to write poems.');
  await page.fill('#new-note', 'I read <b>best</b> in the morning.');
  await page.getByRole('button', { name: 'Add the note' }).click();
  await page.waitForURL('**/memory');
  assert.equal(await page.locator('.memories textarea').first().inputValue(), 'I read <b>best</b> in the morning.');
  await school.picture(page, 'memory-page');
  const files = await page.evaluate(async () => {
    const answer = await fetch('/memory/files');
    return { type: answer.headers.get('content-type'), text: new TextDecoder('latin1').decode(await answer.arrayBuffer()) };
  });
  assert.equal(files.type, 'application/zip');
  assert.match(files.text, /^PK.*memory\/README\.md.*My goal is to write poems\./s);
  await page.locator('.memories li').first().locator('button[value=erase]').click();
  await page.waitForURL('**/memory');
  assert.equal(await page.locator('.memories li').count(), 1);
  const events = await page.evaluate(() => fetch('/api/learners/me/events').then((one) => one.text()));
  assert.doesNotMatch(events, /in the morning/, 'erased is erased');
  assert.match(await page.locator('main').innerText(), /what you wrote to the tutor stays beside its exercise/);
});

way('a learner says yes, sees since when, and takes it back', async (page) => {
  const form = page.locator('form.giving');
  const says = () => page.locator('#giving .quiet').textContent();
  assert.equal(await form.getByLabel('No', { exact: true }).isChecked(), true, 'no is what holds until yes is said');
  assert.match(await says(), /You have not agreed/);
  await form.getByLabel('Yes', { exact: true }).check();
  await form.locator('button').click();
  await page.waitForURL('**/memory');
  assert.equal(await form.getByLabel('Yes', { exact: true }).isChecked(), true);
  assert.match(await says(), /agreed since/);
  await page.locator('#giving').scrollIntoViewIfNeeded();
  await school.picture(page, 'memory-giving');
  const told = () => page.evaluate(() => fetch('/api/memory').then((one) => one.json()).then((one) => one.giving));
  assert.equal((await told()).gives, true);
  await form.getByLabel('No', { exact: true }).check();
  await form.locator('button').click();
  await page.waitForURL('**/memory');
  assert.match(await says(), /took it back/);
  assert.equal((await told()).gives, false);
}, { path: '/memory' });

way('the page is accessible and fits, narrow, dark and from right to left', async (page) => {
  await page.fill('#new-note', 'I like short words.');
  await page.getByRole('button', { name: 'Add the note' }).click();
  await page.waitForURL('**/memory');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const [name, viewport] of [['wide', school.wide], ['narrow', school.narrow]]) {
      await page.setViewportSize(viewport);
      await school.assertAccessible(page, `memory ${name} ${colorScheme}`);
      await school.assertFits(page, `memory ${name} ${colorScheme}`);
      await school.picture(page, `memory-${name}-${colorScheme}`, { fullPage: true });
    }
  }
  for (const lang of ['ar', 'zh', 'es']) {
    await page.goto(`${server.base}/memory?lang=${lang}`);
    await school.assertAccessible(page, `memory ${lang}`);
    await school.assertFits(page, `memory ${lang}`);
    await school.picture(page, `memory-${lang}`, { fullPage: true });
  }
}, { path: '/memory' });
