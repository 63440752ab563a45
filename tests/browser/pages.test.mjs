// Every page in every dress: wide and narrow, light and dark, enlarged, in three languages.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import * as school from './school.mjs';

const lesson = '/courses/c/lessons/01';
let browser, server;

before(async () => { [browser, server] = await Promise.all([school.launch(), school.startPages('ready')]); });
after(async () => { await browser?.close(); await server?.stop(); });

/** Wrong twice, hinted, asked: the lesson with the tutor's margin full. */
async function converse(page) {
  await school.answer(page, 'e1', '1');
  await school.verdict(page, 'e1', 'not-yet');
  await page.click('#e1 .hint');
  await page.waitForFunction(() => document.querySelectorAll('#e1 .say').length === 2);
  await school.ask(page, 'e1', 'What is a slope?');
  await page.click('#e2 label:has([value="1"])');
  await page.click('#e2 .check');
  await school.verdict(page, 'e2', 'right');
  await page.evaluate(() => document.getElementById('e1').scrollIntoView({ block: 'center', behavior: 'instant' }));
  await page.focus('#field-e1');
}

/** One exercise of two lessons done, and a name given. */
async function makeProgress(page) {
  await page.goto(server.base + lesson);
  await school.answer(page, 'e1', '2');
  await school.verdict(page, 'e1', 'right');
  await page.goto(`${server.base}/progress`);
  await page.fill('#name', 'Ada');
  await page.click('.name button');
  await page.waitForURL('**/progress');
}

const pages = {
  returning: { path: '/', act: async (page) => { await makeProgress(page); await page.goto(`${server.base}/`); } },
  home: { path: '/' },
  lesson: { path: lesson },
  conversation: { path: lesson, act: converse },
  progress: { path: '/progress', act: makeProgress },
  fault: { path: '/nowhere', wrongs: 1 },
};

for (const [name, { path, act, wrongs }] of Object.entries(pages)) {
  test(`the ${name} page is accessible and fits, wide and narrow, light and dark`, async () => {
    const page = await school.open(browser, server.base + path);
    if (act) await act(page);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const [width, viewport] of Object.entries({ wide: school.wide, narrow: school.narrow })) {
        const state = `${name}-${width}-${colorScheme}`;
        await page.setViewportSize(viewport);
        await school.picture(page, state);
        await school.assertFits(page, state);
        await school.assertAccessible(page, state);
      }
    }
    assert.equal(page.wrongs.length, wrongs ?? 0, page.wrongs.join('\n'));
    await page.context().close();
  });
}

test('every page fits a small phone in every language', async () => {
  const page = await school.open(browser, server.base + lesson);
  await makeProgress(page);
  await school.assertFitsPhones(page, server.base, ['/progress', '/', lesson, '/memory', '/practice', '/practice/due', '/placement/c', '/join', '/sign-in']);
  await page.context().close();
});

test('a page enlarged to 200% loses nothing and needs no sideways scrolling', async () => {
  const page = await school.open(browser, server.base + lesson,
    { viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 });
  await converse(page);
  await school.picture(page, 'zoom-200');
  await school.assertFits(page, 'zoom');
  await school.assertAccessible(page, 'zoom');
  // The tutor's sheet leaves the exercise in view.
  const field = await page.locator('#field-e1').boundingBox();
  const sheet = await page.locator('#e1 .notes').boundingBox();
  assert.ok(field.y >= 0 && field.y + field.height <= sheet.y, JSON.stringify({ field, sheet }));
  await page.context().close();
});

test('Chinese speaks Chinese, and says where a lesson is not in it', async () => {
  const page = await school.open(browser, `${server.base}${lesson}?lang=zh`);
  assert.equal(await page.getAttribute('html', 'lang'), 'zh');
  assert.equal(await page.getAttribute('article', 'lang'), 'en');
  assert.match(await page.textContent('article'), /这一课还没有中文版/);
  await school.answer(page, 'e1', '2');
  await school.verdict(page, 'e1', 'right');
  assert.match(await page.textContent('#e1 .verdict'), /对了/);
  await school.picture(page, 'chinese');
  await school.assertAccessible(page, 'chinese');
  await page.goto(`${server.base}/`);
  assert.equal(await page.getAttribute('html', 'lang'), 'zh', 'the choice is remembered');
  await page.context().close();
});

test('Arabic turns the page round and leaves formulas as they are', async () => {
  const page = await school.open(browser, `${server.base}${lesson}?lang=ar`);
  await school.answer(page, 'e1', '1');
  await school.verdict(page, 'e1', 'not-yet');
  const text = await page.locator('#e1 .work').boundingBox();
  const notes = await page.locator('#e1 .notes').boundingBox();
  assert.ok(notes.x + notes.width <= text.x, 'the margin is on the left');
  const rail = await page.locator('.rail').boundingBox();
  assert.ok(rail.x >= text.x + text.width, 'the path is on the right');
  assert.equal(await page.locator('.math').first().evaluate((one) => getComputedStyle(one).direction), 'ltr');
  for (const [width, viewport] of Object.entries({ wide: school.wide, narrow: school.narrow })) {
    await page.setViewportSize(viewport);
    await school.picture(page, `arabic-${width}`);
    await school.assertFits(page, width);
    await school.assertAccessible(page, `arabic ${width}`);
  }
  await page.setViewportSize(school.wide);
  for (const path of ['/', '/progress', '/courses/c/lessons/02']) {
    await page.goto(server.base + path);
    await school.assertAccessible(page, `arabic ${path}`);
  }
  await page.context().close();
});

test('formulas are set, with MathML for those who listen', async () => {
  const page = await school.open(browser, server.base + lesson);
  const [formulas, spoken, hidden] = await page.evaluate(() => [
    document.querySelectorAll('.math').length,
    document.querySelectorAll('.math .katex-mathml math').length,
    document.querySelectorAll('.math .katex-html[aria-hidden=true]').length]);
  assert.ok(formulas > 5);
  assert.deepEqual([spoken, hidden], [formulas, formulas]);
  await page.fill('#field-e3', 'x^2/2+sqrt(3)');
  assert.ok(await page.locator('#e3 .preview .katex-mathml math').count(), 'what is typed is set as well');
  // A formula in a line is a word of it: no gap of its own, and on paper too.
  const words = () => page.locator('p .math').evaluateAll((all) => [...new Set(all.map((one) => {
    one.classList.add('inline');
    return `gap ${getComputedStyle(one).marginRight}, seen ${one.getClientRects().length > 0}`;
  }))]);
  assert.deepEqual(await words(), ['gap 0px, seen true'], 'on the screen');
  await page.emulateMedia({ media: 'print' });
  assert.deepEqual(await words(), ['gap 0px, seen true'], 'on paper');
  await page.emulateMedia({ media: 'screen' });
  await page.fill('#field-e3', '((((');
  await page.fill('#field-e3', '\\href{javascript:alert(1)}{x}');
  assert.equal(await page.locator('#e3 .preview a').count(), 0);
  assert.deepEqual(page.wrongs, []);
  await page.context().close();
});

test('a page is under 400 kB compressed, with the fonts of formulas aside', async () => {
  const context = await browser.newContext({ viewport: school.wide });
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  const kinds = new Map(), sizes = { fonts: 0, rest: 0 };
  await client.send('Network.enable');
  client.on('Network.responseReceived', (event) => kinds.set(event.requestId, event.type));
  client.on('Network.loadingFinished', (event) => {
    sizes[kinds.get(event.requestId) === 'Font' ? 'fonts' : 'rest'] += event.encodedDataLength;
  });
  await page.goto(server.base + lesson, { waitUntil: 'networkidle' });
  console.log(`# a lesson is ${Math.round(sizes.rest / 1000)} kB, its fonts ${Math.round(sizes.fonts / 1000)} kB`);
  assert.ok(sizes.rest > 10_000 && sizes.rest < 400_000, JSON.stringify(sizes));
  await context.close();
});
