// A course in several languages: a translation that is whole, one that is older than its source, one that
// has only begun; and a number that could be two.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as school from './school.mjs';

const root = new URL('../../', import.meta.url).pathname;
const lesson = '/courses/build-a-mind/lessons/01-guessing';
let browser, server, data, course;

const arabic = `# تخمين الحرف التالي

غطِّ نهاية السطر بيدك وخمّن الحرف الناقص.

## العدّ
<!-- of counting -->

*عدد* الحرف هو عدد مرات ظهوره في نص التدريب، ومجموع الأعداد كلها $9 + 8 + 7 + 15 = 39$.

::::{exercise} فواكه وخضروات
:label: guess-01
~~~yaml
ask: يحتوي نص تدريب على الكلمة \`banana\` {a} مرات والكلمة \`cabbage\` {b} مرات ولا شيء غيرهما. ما عدد الحرف \`a\`؟
wrong:
  - {why: counted-words-not-letters, say: "عددت كل كلمة مرة واحدة. كم مرة يظهر الحرف في \`banana\` واحدة؟"}
  - {why: counted-each-word-once, say: "كل من الكلمتين يظهر في النص أكثر من مرة."}
~~~
:::{hint} كم مرة يظهر الحرف في كل كلمة؟
:::
:::{hint} اضرب عدد الحروف في كل كلمة في عدد مرات ظهورها، ثم اجمع.
:::
:::{solution} العدد هو $3 \\times {a} + 2 \\times {b} = {3*a + 2*b}$.
:::
::::
`;

/** Changes a text in a file of the course, which must be there. */
function change(file, from, to) {
  const path = join(course, file), text = readFileSync(path, 'utf8');
  assert.ok(text.includes(from), from);
  writeFileSync(path, text.replace(from, to));
}

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'lyceum-translations-'));
  course = join(data, 'build-a-mind');
  cpSync(join(root, 'courses/build-a-mind'), course, { recursive: true });
  writeFileSync(join(course, '01-guessing/lesson.ar.md'), arabic);
  execFileSync(process.env.LYCEUM, ['translated', course, 'ar']);
  change('01-guessing/lesson.md', 'is the number of times that the character stands', 'tells how many times the character stands');
  change('01-guessing/lesson.md', 'A training text holds the word', 'Somebody\'s training text holds the word');
  change('01-guessing/lesson.es.md', '## La salida', '<!-- of nothing -->\n');
  browser = await school.launch();
  server = await school.start(process.env.LYCEUM, 'serve', course, '--data', join(data, 'record'), '--port', '0', '--model', join(data, 'none'));
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (data) rmSync(data, { recursive: true });
});

const read = (locale) => school.open(browser, server.base + lesson, { locale });

test('a stale section and exercise say so, with the source one tap away', async () => {
  const page = await read('es-ES');
  assert.equal(await page.getAttribute('article', 'lang'), 'es');
  const section = page.locator('article > details.stale'), exercise = page.locator('#guess-01 details.stale');
  assert.equal(await section.count(), 1);
  assert.equal(await page.locator('details.stale').count(), 2);
  assert.match(await section.textContent(), /El original de esta sección ha cambiado/);
  assert.equal(await section.locator('div').isVisible(), false);
  await section.locator('summary').click();
  assert.ok(await section.locator('div[lang=en]').isVisible());
  assert.match(await section.locator('div').textContent(), /tells how many times/);
  await exercise.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.match(await exercise.locator('div[lang=en]').textContent(), /Somebody's training text holds the word banana \d/);
  await section.scrollIntoViewIfNeeded();
  await school.picture(page, 'translation-stale');
  await school.assertAccessible(page, 'stale');
  await page.setViewportSize(school.narrow);
  await school.assertFits(page, 'stale narrow');
  assert.deepEqual(page.wrongs, []);
  await page.context().close();
});

test('another language is told the same of itself, and nothing is missing where nothing is', async () => {
  const page = await read('zh-CN');
  assert.equal(await page.locator('details.stale').count(), 2);
  assert.match(await page.locator('#guess-01 details.stale').textContent(), /这道练习的原文在翻译之后有改动/);
  assert.equal(await page.locator('.untranslated').count(), 0);
  await page.context().close();
});

test('sections that have only begun to be translated stand in the language of the source', async () => {
  const page = await read('ar');
  assert.equal(await page.getAttribute('article', 'dir'), 'rtl');
  assert.equal(await page.locator('.exercise[data-exercise^=guess]').count(), 21);
  const missing = page.locator('.untranslated');
  assert.ok(await missing.count() > 15);
  assert.equal(await missing.first().getAttribute('dir'), 'ltr');
  assert.match(await missing.first().textContent(), /A game for two.*لم يُترجَم هذا القسم بعد/s);
  for (const [name, options] of [['wide', school.wide], ['narrow', school.narrow]]) {
    await page.setViewportSize(options);
    await page.evaluate(() => document.getElementById('guess-01').scrollIntoView({ block: 'center' }));
    await school.picture(page, `translation-arabic-${name}`);
    await school.assertFits(page, name);
    await school.assertAccessible(page, name);
  }
  await page.context().close();
});

test('a number that could be two is asked about in the language that is read, and is no attempt', async () => {
  const page = await read('es-ES');
  await school.answer(page, 'guess-09', '1,234');
  await page.waitForFunction(() => document.querySelector('#guess-09 .say'));
  assert.match(await school.says(page, 'guess-09').last().textContent(), /¿Ese signo es decimal o separa los millares\?/);
  assert.equal(await page.getAttribute('#guess-09 .verdict', 'data-verdict'), '');
  await school.picture(page, 'translation-ambiguous');
  await page.context().close();
});

test('every page is fit to be shown in Spanish and in Arabic, wide and narrow, light and dark', async () => {
  for (const [locale, width, colorScheme] of [['es-ES', 'wide', 'light'], ['es-ES', 'narrow', 'dark'],
    ['ar', 'wide', 'dark'], ['ar', 'narrow', 'light']]) {
    const page = await school.open(browser, server.base, { locale, viewport: school[width], colorScheme });
    for (const path of ['/', lesson, '/practice', '/progress', '/memory', '/join', '/company']) {
      await page.goto(server.base + path);
      const name = `${locale.slice(0, 2)}-${path.split('/').pop() || 'home'}-${width}-${colorScheme}`;
      await school.assertFits(page, name);
      await school.picture(page, name);
    }
    await page.context().close();
  }
});
