// What the tutor looks up and works out, in the talk of a real page: the result and, quietly below
// it, what was looked up; never the answer of the exercise at hand.
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
  data = mkdtempSync(join(tmpdir(), 'lyceum-tools-'));
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

const plain = async (place) => (await place.textContent()).replace(/[\s\u2068\u2069]+/g, ' ').trim();

// Asks, and gives the last thing that was said with a look-up.
async function lookUp(page, text, n = 1) {
  const lines = page.locator('#guess-01 .looked-up');
  await school.ask(page, 'guess-01', text);
  await lines.nth(n - 1).waitFor();
  return plain(lines.nth(n - 1));
}

way('a sum, units, a date and a term are looked up, and it is shown', async (page) => {
  assert.equal(await lookUp(page, 'what is 17 * 23 and how many metres is 3 miles?', 2),
    'Looked up · units: 3 miles → metres = 4828.032 metres');
  assert.equal(await plain(page.locator('#guess-01 .looked-up').first()), 'Looked up · calculator: 17 × 23 = 391');
  assert.match(await plain(page.locator('#guess-01 .log')), /That is 391\./);
  assert.match(await lookUp(page, 'what day is in 40 days', 3), /^Looked up · calendar: today \+ 40 = \d{4}-\d\d-\d\d, \w+day$/);
  assert.match(await lookUp(page, 'What does perplexity mean?', 4), /^Looked up · the course's terms: perplexity$/);
  await school.picture(page, 'tools-wide');
});

// What the margin shows: each line, and whose it is.
const margin = (page) => page.locator('#guess-01 .log > *').evaluateAll((all) => all.map((one) =>
  `${one.classList[0]} ${one.dataset.from ?? ''}: ${one.textContent.replace(/\s+/g, ' ').trim()}`));

way('the talk is there again after a reload, on another device and without scripts', async (page) => {
  await lookUp(page, 'what is 17 * 23?');
  await school.answer(page, 'guess-01', '1');
  await school.verdict(page, 'guess-01', 'not-yet');
  await school.ask(page, 'guess-01', 'What is a probability?');
  const told = await margin(page);
  assert.equal(told.filter((line) => line.startsWith('mine')).length, 2);
  await page.reload();
  assert.deepEqual(await margin(page), told);
  await school.picture(page, 'tools-talk-again');
  const storageState = await page.context().storageState();
  for (const [name, options] of [['device', { viewport: school.narrow }], ['unscripted', { javaScriptEnabled: false }]]) {
    const other = await school.open(browser, server.base + lesson, { storageState, ...options });
    assert.deepEqual(await margin(other), told, name);
    if (name === 'device') await school.assertAccessible(other, name);
    await other.locator('#guess-01').scrollIntoViewIfNeeded();
    await school.picture(other, `tools-talk-${name}`);
    await other.context().close();
  }
  // What was said is no help that was taken.
  const text = (await page.textContent('#guess-01 .ask')).replace(/\s+/g, ' ');
  const [, a, b] = /banana (\d+) times.*cabbage (\d+) times/.exec(text).map(Number);
  await school.answer(page, 'guess-01', String(3 * a + 2 * b));
  await school.verdict(page, 'guess-01', 'right');
  assert.doesNotMatch(await page.textContent('#guess-01 .verdict'), /with/);
});

way('what the learner told is found again', async (page) => {
  await school.ask(page, 'guess-01', 'My goal is to build a robot that writes poems.');
  await page.locator('#guess-01 .say', { hasText: 'keep that in mind' }).waitFor();
  assert.equal(await lookUp(page, 'what did I say my goal was'), 'Looked up · your notes: my goal');
  assert.match(await plain(page.locator('#guess-01 .log')), /you told me: “My goal is to build a robot that writes poems\.”/);
});

way('the exercise at hand is not worked out', async (page) => {
  const text = (await page.textContent('#guess-01 .ask')).replace(/\s+/g, ' ');
  const [, a, b] = /banana (\d+) times.*cabbage (\d+) times/.exec(text).map(Number);
  await school.ask(page, 'guess-01', `what is 3 * ${a} + 2 * ${b}?`);
  await page.locator('#guess-01 .say').first().waitFor();
  assert.equal(await page.locator('#guess-01 .looked-up').count(), 0);
  assert.doesNotMatch(await plain(page.locator('#guess-01 .log .say').first()), new RegExp(`\\b${3 * a + 2 * b}\\b`));
  await school.answer(page, 'guess-01', String(3 * a + 2 * b));
  await school.verdict(page, 'guess-01', 'right');
  assert.equal(await lookUp(page, `what is 3 * ${a} + 2 * ${b}?`), `Looked up · calculator: 3 × ${a} + 2 × ${b} = ${3 * a + 2 * b}`);
});

const asked = { en: 'what is 17 * 23?', zh: '17乘以23等于多少？', es: '¿cuánto es 17 por 23?', ar: 'كم يساوي 17 في 23؟' };
for (const [lang, question] of Object.entries(asked))
  way(`it is shown in ${lang}, accessible and fitting, wide and narrow`, async (page) => {
    assert.match(await lookUp(page, question), /17 × 23 = 391$/);
    for (const [name, viewport, colorScheme] of [['wide', school.wide, 'light'], ['narrow', school.narrow, 'dark']]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.locator('#guess-01 .looked-up').scrollIntoViewIfNeeded();
      await school.assertAccessible(page, `tools ${lang} ${name} ${colorScheme}`);
      await school.assertFits(page, `tools ${lang} ${name} ${colorScheme}`);
      await school.picture(page, `tools-${lang}-${name}`);
    }
  }, { path: `${lesson}?lang=${lang}` });
