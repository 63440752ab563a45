// The school is away, since its program is killed: lessons and reviews are read and answered all the
// same, and when it is back each answer is graded, once. Answers are counted in the record itself.
import { test, before, after, afterEach } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as school from './school.mjs';

const course = new URL('../school/small', import.meta.url).pathname;
const first = '/courses/small/lessons/01-sums', second = '/courses/small/lessons/02-more';
let browser, server, data, port;

const start = async () => {
  server = await school.start(process.env.LYCEUM, 'serve', course, '--data', data, '--port', String(port ?? 0), '--model', join(data, 'none'),
    '--log', join(data, 'log'));
  port = Number(new URL(server.base).port);
};
const kill = () => server.stop('SIGKILL');

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'lyceum-offline-'));
  [browser] = await Promise.all([school.launch(), start()]);
});
afterEach(async () => { if (server.child.exitCode !== null || server.child.signalCode) await start(); });
after(async () => {
  await browser?.close();
  await server?.stop();
  if (data) rmSync(data, { recursive: true });
});

const count = (sql) => Number(execFileSync('python3', ['-c',
  'import sqlite3, sys; print(sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True).execute(sys.argv[2]).fetchone()[0])',
  join(data, 'record.db'), sql]));
const attempts = (learner, exercise) => count(`SELECT count(*) FROM event WHERE kind = 'attempt' AND learner = ${learner}`
  + ` AND json_extract(data, '$.exercise') = '${exercise}'`);
const learners = () => count('SELECT count(*) FROM learner');

const whose = async (page) => Number(await page.getAttribute('html', 'data-learner'));
const bar = (page, text) => page.locator('#away', { hasText: text }).waitFor({ timeout: 20_000 });
const verdict = (page, exercise, kind) => page.waitForSelector(`#${exercise} .verdict[data-verdict="${kind}"]`, { timeout: 20_000 });
const sum = async (page) => {
  const [, a, b] = /(\d+)\s*\+\s*(\d+)/.exec((await page.locator('#sum-01 .ask annotation').first().textContent())).map(Number);
  return a + b;
};
const choose = async (page, value) => { await page.check(`#sum-02 [name=answer][value="${value}"]`); await page.click('#sum-02 .check'); };
const place = (page, word) => page.evaluate((wanted) => [...document.querySelectorAll('#sum-02 .choices label')]
  .find((one) => one.textContent.includes(wanted)).querySelector('input').value, word);

/** Errors of the network are what is tried here; those of scripts and of the policy are not. */
const away = /ERR_CONNECTION_REFUSED|Failed to load resource|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED/;
const unharmed = (page) => assert.deepEqual(page.wrongs.filter((text) => !away.test(text)), []);

/** A learner who has answered one exercise of the course, with all of it kept on the device. */
async function settle(options) {
  const page = await school.open(browser, server.base + first, options);
  await choose(page, await place(page, 'factors'));
  await verdict(page, 'sum-02', 'not-yet');
  await page.reload();
  await keeps(page, [first, second, '/', '/progress', '/practice/due', '/away']);
  return page;
}

/** Waits until what the page finds out is true. */
async function until(page, found, wanted) {
  const end = Date.now() + 20_000;
  while (!await page.evaluate(found, wanted)) {
    assert.ok(Date.now() < end, `not within 20 seconds: ${JSON.stringify(wanted)}`);
    await page.waitForTimeout(50);
  }
}

const keeps = (page, places) => until(page, async (wanted) => {
  for (const name of await caches.keys()) {
    if (!name.endsWith(`-learner-${document.documentElement.dataset.learner}`)) continue;
    const have = (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname);
    return wanted.every((one) => have.includes(one));
  }
  return false;
}, places);

/** Another tab of the same browser, which remembers what went wrong as school.open's does. */
async function tab(page, path) {
  const other = await page.context().newPage();
  other.wrongs = [];
  other.on('pageerror', (error) => other.wrongs.push(error.message));
  await other.goto(server.base + path);
  return other;
}

test('a lesson is read and answered while the school is dead, and all is graded once when it is back', async () => {
  let page = await settle();
  const learner = await whose(page);
  assert.equal(attempts(learner, 'sum-02'), 1);
  await kill();

  await page.goto(server.base + second);
  await bar(page, 'The school is away');
  assert.match(await page.textContent('h1'), /More sums/);
  await page.goto(server.base + first);
  assert.ok(await page.locator('article .math .katex').count() > 0, 'formulas are set');
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('article img')].every((one) => one.complete && one.naturalWidth > 0)), 'figures are there');
  const right = await sum(page);
  await school.answer(page, 'sum-01', String(right));
  await verdict(page, 'sum-01', 'kept');
  await choose(page, await place(page, 'terms'));
  await verdict(page, 'sum-02', 'kept');
  await bar(page, 'Answers kept on this device: 2');
  await school.picture(page, 'offline-kept');
  await school.assertAccessible(page, 'kept');

  await page.reload();
  await verdict(page, 'sum-01', 'kept');
  await verdict(page, 'sum-02', 'kept');
  assert.equal(await page.inputValue('#field-sum-01'), String(right));
  unharmed(page);
  const context = page.context();
  await page.close();
  page = await context.newPage();
  page.wrongs = [];
  await page.goto(server.base + first);
  await bar(page, 'Answers kept on this device: 2');

  await start();
  await verdict(page, 'sum-01', 'right');
  await verdict(page, 'sum-02', 'right');
  await bar(page, 'Answers sent and graded: 2');
  await school.picture(page, 'offline-graded');
  await school.assertAccessible(page, 'graded');
  assert.deepEqual([attempts(learner, 'sum-01'), attempts(learner, 'sum-02')], [1, 2]);
  await page.reload();
  await verdict(page, 'sum-01', 'right');
  assert.equal(await page.inputValue('#field-sum-01'), String(right));
  assert.deepEqual([attempts(learner, 'sum-01'), attempts(learner, 'sum-02')], [1, 2]);
  await context.close();
});

test('who thinks better of a kept answer has given one', async () => {
  const page = await settle();
  const learner = await whose(page);
  await kill();
  await page.reload();
  await bar(page, 'The school is away');
  await school.answer(page, 'sum-01', '7');
  await verdict(page, 'sum-01', 'kept');
  await school.answer(page, 'sum-01', String(await sum(page)));
  await bar(page, 'Answers kept on this device: 1');
  await start();
  await verdict(page, 'sum-01', 'right');
  assert.equal(attempts(learner, 'sum-01'), 1);
  await page.context().close();
});

test('two tabs keep their answers together, and each is graded once and shown in both', async () => {
  const page = await settle();
  const learner = await whose(page);
  const other = await tab(page, first);
  await kill();
  await school.answer(page, 'sum-01', String(await sum(page)));
  await verdict(page, 'sum-01', 'kept');
  await choose(other, await place(other, 'terms'));
  await verdict(other, 'sum-02', 'kept');
  await start();
  for (const one of [page, other]) {
    await verdict(one, 'sum-01', 'right');
    await verdict(one, 'sum-02', 'right');
    unharmed(one);
  }
  assert.deepEqual([attempts(learner, 'sum-01'), attempts(learner, 'sum-02')], [1, 2]);
  await page.context().close();
});

test('an answer whose reply was lost on the way is not counted twice', async () => {
  const page = await settle();
  const learner = await whose(page);
  let lost = 0;
  await page.route('**/attempts', async (route) => {
    if (lost++) { await route.continue(); return; }
    await route.fetch();
    await route.abort('connectionreset');
  });
  await school.answer(page, 'sum-01', String(await sum(page)));
  await verdict(page, 'sum-01', 'right');
  assert.ok(lost >= 2);
  assert.equal(attempts(learner, 'sum-01'), 1);
  await page.context().close();
});

test('a visitor who answers while the school is away becomes one learner', async () => {
  const page = await school.open(browser, server.base + first);
  const before = learners();
  const other = await tab(page, first);
  await kill();
  await school.answer(page, 'sum-01', '7');
  await verdict(page, 'sum-01', 'kept');
  await choose(other, await place(other, 'factors'));
  await verdict(other, 'sum-02', 'kept');
  await start();
  await verdict(page, 'sum-01', 'not-yet');
  await verdict(other, 'sum-02', 'not-yet');
  assert.equal(learners(), before + 1);
  const learner = count('SELECT max(id) FROM learner');
  assert.deepEqual([attempts(learner, 'sum-01'), attempts(learner, 'sum-02')], [1, 1]);
  await page.context().close();
});

test('when the sign-in has ended the answer waits for its learner and goes to nobody else', async () => {
  const page = await settle();
  const learner = await whose(page);
  await page.goto(`${server.base}/account`);
  await page.fill('[name=login]', 'ada');
  await page.fill('[name=password]', 'three little words');
  await page.click('main form.stack button');
  await page.waitForLoadState();
  const elsewhere = await school.open(browser, `${server.base}/sign-in`);
  await signIn(elsewhere);
  await page.goto(server.base + first);
  await elsewhere.goto(`${server.base}/account`);
  await elsewhere.click('form[action="/account/sessions/others"] button');
  await elsewhere.waitForLoadState();
  const before = learners();
  await school.answer(page, 'sum-01', String(await sum(page)));
  await verdict(page, 'sum-01', 'kept');
  await bar(page, 'You are signed out here. Answers kept on this device: 1');
  await school.picture(page, 'offline-signed-out');
  await school.assertAccessible(page, 'signed out');
  assert.equal(attempts(learner, 'sum-01'), 0);

  // Somebody else on the same device sees that something is kept, and is not given it.
  await page.goto(server.base + second);
  assert.equal(await whose(page), 0);
  await bar(page, 'Answers of another learner');
  await page.goto(`${server.base}/sign-in`);
  await signIn(page);
  await bar(page, 'Answers sent and graded: 1');
  assert.equal(attempts(learner, 'sum-01'), 1);
  assert.equal(learners(), before, 'no stranger was made');
  await elsewhere.context().close();
  await page.context().close();
});

async function signIn(page) {
  await page.fill('[name=login]', 'ada');
  await page.fill('[name=password]', 'three little words');
  await page.click('main .main-button');
  await page.waitForURL((url) => url.pathname === '/');
}

test('signing out asks about what was not sent, and leaves nothing of the learner', async () => {
  const page = await settle();
  await page.goto(`${server.base}/account`);
  const answers = [];
  page.on('dialog', (dialog) => { answers.push(dialog.message()); dialog.accept(); });
  await page.evaluate(() => new Promise((resolve) => {
    const opening = indexedDB.open('lyceum');
    opening.onsuccess = () => {
      const row = { id: 'never-graded', learner: Number(document.documentElement.dataset.learner), exercise: 'sum-01', seed: '1',
        answer: '1', answered_at: 1, refused: 'There is no such exercise.' };
      const work = opening.result.transaction('answers', 'readwrite');
      work.objectStore('answers').put(row);
      work.oncomplete = resolve;
    };
  }));
  await page.click('form[action="/sign-out"] button');
  await page.waitForURL((url) => url.pathname === '/');
  assert.match(answers.join(), /not sent yet: 1/);
  assert.equal(await whose(page), 0);
  const left = await page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) if (name.includes('-learner-') && !name.endsWith('-learner-0')) found.push(name);
    return found;
  });
  assert.deepEqual(left, []);
  await page.context().close();
});

test('what is not kept says so and tells what is, in every dress', async () => {
  const page = await settle();
  await kill();
  for (const [lang, path] of [['en', '/teach'], ['en', first]]) {
    await page.goto(server.base + path);
    await bar(page, 'The school is away');
    if (path === first) { await school.answer(page, 'sum-01', '7'); await verdict(page, 'sum-01', 'kept'); }
    else await page.locator('#kept-pages li').first().waitFor();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const [width, viewport] of Object.entries({ wide: school.wide, narrow: school.narrow })) {
        const state = `offline-${path === first ? 'lesson' : 'away'}-${lang}-${width}-${colorScheme}`;
        await page.setViewportSize(viewport);
        await school.picture(page, state);
        await school.assertFits(page, state);
        await school.assertAccessible(page, state);
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(school.wide);
  }
  await page.goto(`${server.base}/practice?course=small`);
  assert.match(await page.textContent('h1'), /What is due/);
  unharmed(page);
  await page.context().close();
});

test('Arabic tells it from right to left', async () => {
  const page = await settle();
  await page.goto(`${server.base}${first}?lang=ar`);
  await until(page, async (wanted) => {
    for (const name of await caches.keys()) {
      const found = name.includes('-learner-') && await (await caches.open(name)).match(wanted);
      if (found && /<html lang="ar"/.test(await found.text())) return true;
    }
    return false;
  }, '/away');
  await kill();
  await page.goto(server.base + first);
  await bar(page, 'المدرسة غير متاحة');
  await choose(page, 0);
  await verdict(page, 'sum-02', 'kept');
  assert.equal(await page.locator('#sum-02 .verdict').evaluate((told) => getComputedStyle(told).direction), 'rtl',
    'in a lesson that is not translated too');
  for (const [width, viewport] of Object.entries({ wide: school.wide, narrow: school.narrow })) {
    await page.setViewportSize(viewport);
    await school.picture(page, `offline-arabic-${width}`);
    await school.assertFits(page, width);
    await school.assertAccessible(page, `arabic ${width}`);
  }
  await page.goto(`${server.base}/teach`);
  assert.equal(await page.getAttribute('html', 'dir'), 'rtl');
  await school.picture(page, 'offline-away-arabic');
  await page.context().close();
});

/** The languages of all that is kept, once they are these. */
const speaks = (page, wanted) => until(page, async (language) => {
  const found = [];
  for (const name of await caches.keys()) {
    if (!name.endsWith(`-learner-${document.documentElement.dataset.learner}`)) continue;
    const cache = await caches.open(name);
    for (const one of await cache.keys())
      if (!one.url.includes('/files/')) found.push(/<html lang="([^"]+)"/.exec(await (await cache.match(one)).text())[1]);
  }
  return found.length >= 6 && found.every((one) => one === language);
}, wanted);

test('a switch of language renews all that is kept, of lessons too that are not looked at', async () => {
  const page = await settle();
  await speaks(page, 'en');
  for (const language of ['ar', 'en']) {
    await page.goto(`${server.base}/?lang=${language}`);
    await speaks(page, language);
  }
  await page.goto(`${server.base}/?lang=zh`);
  await speaks(page, 'zh');
  await kill();
  await page.goto(server.base + second);
  assert.equal(await page.getAttribute('html', 'lang'), 'zh');
  await page.context().close();
});

test('of two that ask to keep pages one is served after the other, and none once it is forgotten', async () => {
  const page = await settle();
  const urls = ['/progress', second, '/away'];
  const routes = ['/progress', '/courses/*/lessons/*', '/away'];
  const asked = () => readFileSync(join(data, 'log'), 'utf8').trim().split('\n').map((line) => JSON.parse(line).route)
    .filter((route) => routes.includes(route));
  let before = -1;
  for (; before !== asked().length; await page.waitForTimeout(1500)) before = asked().length; // what the page itself asks to keep
  await page.evaluate(async (wanted) => {
    const worker = (await navigator.serviceWorker.ready).active;
    for (const group of ['one', 'two']) worker.postMessage({ keep: { group, urls: wanted, language: 'en', anew: true } });
  }, urls);
  for (const end = Date.now() + 20_000; asked().length < before + 6 && Date.now() < end;) await page.waitForTimeout(50);
  assert.deepEqual(asked().slice(before), [...routes, ...routes]);
  const left = await page.evaluate(async (wanted) => {
    const worker = (await navigator.serviceWorker.ready).active;
    const { port1, port2 } = new MessageChannel();
    const done = new Promise((resolve) => { port1.onmessage = resolve; });
    worker.postMessage({ keep: { group: 'three', urls: wanted, language: 'en', anew: true } });
    worker.postMessage({ forget: true }, [port2]);
    await done;
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
    return (await caches.keys()).filter((name) => name.includes('-learner-'));
  }, urls);
  assert.deepEqual(left, []);
  await page.context().close();
});

test('it can be installed: a manifest, icons of its sizes, a worker', async () => {
  const page = await school.open(browser, `${server.base}/`);
  const client = await page.context().newCDPSession(page);
  const { errors } = await client.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const icons = await page.evaluate(async () => {
    const manifest = await (await fetch('/app.webmanifest')).json();
    return Promise.all(manifest.icons.map(async ({ src, sizes }) => {
      const image = new Image();
      image.src = src;
      await image.decode();
      return sizes === 'any' || sizes === `${image.naturalWidth}x${image.naturalHeight}`;
    }));
  });
  assert.deepEqual(icons, [true, true, true, true]);
  assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.ready).scope), `${server.base}/`);
  const { installabilityErrors } = await client.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.filter((one) => one.errorId !== 'in-incognito'), []);
  await page.context().close();
});
