// The map of a course on the learner's page: where one is, what builds on what.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import * as school from './school.mjs';

let browser, server;
before(async () => { [browser, server] = await Promise.all([school.launch(), school.startPages()]); });
after(async () => { await browser?.close(); await server?.stop(); });

async function openMap(language = 'en', context = {}) {
  const page = await school.open(browser, `${server.base}/courses/c/lessons/01?lang=${language}`, context);
  await school.answer(page, 'e1', '2');
  await school.verdict(page, 'e1', 'right');
  await page.goto(`${server.base}/progress`);
  return page;
}

test('the map tells each skill, where the learner is and what is next, and draws what builds on what', async () => {
  const page = await openMap();
  const rows = await page.locator('.map li').evaluateAll((all) => all.map((one) => [one.dataset.standing, one.innerText.replace(/\s+/g, ' ')]));
  assert.deepEqual(rows.map(([standing]) => standing), ['mastered', 'due', 'begun', 'open', 'later']);
  assert.match(rows[1][1], /Reading a slope due for review .*93% .*3 \/ 4 .*next/);
  assert.match(rows[2][1], /Taking a step learning .*you are here/);
  assert.equal(await page.locator('.map li[aria-current=step]').count(), 1);
  assert.equal(await page.locator('.map .way').count(), 5);
  assert.equal(await page.locator('.map .way.known').count(), 3);
  // A skill stands further in than what comes before it, and level with its words.
  const dots = await page.locator('.map .ring').evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ x, y, height }) => [Math.round(x), y + height / 2]));
  assert.ok(dots[0][0] < dots[1][0] && dots[1][0] < dots[2][0] && dots[2][0] < dots[4][0] && dots[1][0] === dots[3][0], JSON.stringify(dots));
  const lines = await page.locator('.map li').evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ y, height }) => y + height / 2));
  lines.forEach((y, i) => assert.ok(Math.abs(y - dots[i][1]) < 2, `row ${i}: ${y} beside ${dots[i][1]}`));
  assert.deepEqual(page.wrongs, []);
  await page.locator('.map .node').nth(1).click();
  await page.waitForURL('**/courses/c/lessons/01');
  await page.context().close();
});

for (const [name, language, context] of [['wide', 'en', {}], ['narrow-dark', 'en', { viewport: school.narrow, colorScheme: 'dark' }],
  ['arabic', 'ar', { viewport: school.narrow }], ['unscripted', 'es', { javaScriptEnabled: false }]]) {
  test(`the map can be read: ${name}`, async () => {
    const page = context.javaScriptEnabled === false ? await school.open(browser, `${server.base}/progress?lang=es`, context) : await openMap(language, context);
    if (context.javaScriptEnabled === false) {
      await page.fill('#name', 'Ada');
      await page.click('.name button');
    } else await school.assertAccessible(page, name);
    await page.locator('.map').scrollIntoViewIfNeeded();
    await school.assertFits(page, name);
    assert.equal(await page.locator('.map li').count(), 5);
    if (language === 'ar') {
      const [dot, words] = await Promise.all(['.map svg', '.map ol'].map((one) => page.locator(one).boundingBox()));
      assert.ok(dot.x >= words.x + words.width - 1, 'the drawing is on the right');
    }
    await school.picture(page, `map-${name}`, { fullPage: true });
    await page.context().close();
  });
}
