// A school to test and a browser to test it with.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

export const wide = { width: 1280, height: 860 };
export const narrow = { width: 360, height: 740 };

/** Starts a program that prints its address; `stop` ends it with SIGTERM and gives its exit code. */
export async function start(program, ...args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  let base = null;
  const ended = once(child, 'exit').then(([code]) => code);
  child.stderr.on('data', (text) => said.push(String(text)));
  const lines = createInterface({ input: child.stdout });
  const found = new Promise((resolve) => {
    lines.on('line', (line) => {
      said.push(`${line}\n`);
      const address = /http:\/\/[^\s/]+/.exec(line)?.[0];
      if (address && !base) { base = address; resolve(); }
    });
  });
  await Promise.race([found, ended]);
  if (!base) throw new Error(`${program} ended: ${said.join('')}`);
  return {
    base, child,
    said: () => said.join(''),
    stop: async (signal = 'SIGTERM') => { child.kill(signal); return ended; },
  };
}

const changing = `import sqlite3, sys
record = sqlite3.connect(sys.argv[1] + "/record.db")
kept = record.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'event'").fetchall()
for name, _ in kept: record.execute("DROP TRIGGER " + name)
record.executescript(sys.argv[2])
for _, sql in kept: record.execute(sql)
record.commit()`;

/** Changes the events of a school that is closed, as time or a model would, and makes again what follows from them. */
export function changeEvents(data, sql) {
  execFileSync('python3', ['-c', changing, data, sql]);
  execFileSync(process.env.LYCEUM, ['rebuild', '--data', data]);
}

export const startPages = (model = 'absent', course = 'c', port = 0) =>
  start(`${process.env.BUILD}/tests/web/show_pages`, String(port), model, course);

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** A page that remembers what went wrong on it: errors of scripts, what its policy forbade, and what was asked of others than the school. */
export async function open(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: wide, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.wrongs = [];
  page.on('pageerror', (error) => page.wrongs.push(error.message));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^(http|ws)/.test(protocol) && !['127.0.0.1', 'localhost', new URL(address).hostname].includes(hostname)) page.wrongs.push(`asks ${request.url()}`);
  });
  page.on('console', (message) => {
    // KaTeX has no widths of Arabic letters, and sets words in \\text all the same.
    const unmeasured = /^No character metrics for '[\u0600-\u06ff]'/.test(message.text());
    // By the network's address without TLS a browser keeps pages apart less, and says so.
    const plain = message.text().startsWith('The Cross-Origin-Opener-Policy header has been ignored');
    if (['error', 'warning'].includes(message.type()) && !page.posing && !unmeasured && !plain) page.wrongs.push(message.text());
  });
  await page.goto(address);
  return page;
}

/**
 * Waits until nothing on the page moves: a script may set something going a frame after it loaded.
 * What turns for ever (a mark of waiting) is not waited for, and nothing is for longer than 5 seconds.
 * The time is kept here: a page without scripts has no clock of its own.
 */
async function settled(page) {
  const until = Date.now() + 5000;
  for (let still = 0; still < 4 && Date.now() < until; still += 1) {
    await page.waitForTimeout(20);
    const moving = await page.evaluate(() => document.getAnimations().some((one) => one.playState === 'running'
      && Number.isFinite(one.effect.getComputedTiming().endTime)));
    if (moving) still = -1;
  }
}

/** Breaks no rule of WCAG that axe knows. */
export async function assertAccessible(page, state) {
  await settled(page);
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const told = found.violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 140)).join(' | ')}`
    + ` ${rule.nodes[0].failureSummary}`);
  assert.deepEqual(told, [], state);
}

/** Nothing sticks out sideways. */
export async function assertFits(page, state) {
  const [have, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(have <= room, `${state}: ${have} px wide in ${room}`);
}

/** On small phones, in every language, nothing sticks out sideways and no language's name breaks. */
export async function assertFitsPhones(page, base, paths) {
  for (const width of [320, 375]) {
    await page.setViewportSize({ width, height: 667 });
    for (const language of ['en', 'zh', 'es', 'ar']) {
      for (const path of paths) {
        await page.goto(`${base}${path}?lang=${language}`);
        const state = `${path} ${language} at ${width} px`;
        await assertFits(page, state);
        const broken = await page.locator('.languages a').evaluateAll((all) => all.filter((one) => {
          const text = document.createRange();
          text.selectNodeContents(one);
          return text.getClientRects().length > 1;
        }).map((one) => one.textContent));
        assert.deepEqual(broken, [], state);
      }
      await picture(page, `phone-${width}-${language}-${paths[0].split('/').at(-1)}`);
    }
  }
}

/** A picture of a state; the browser's own style for it is not the page's doing. */
export async function picture(page, name, options = {}) {
  page.posing = true;
  await settled(page);
  await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, caret: 'initial', ...options });
  page.posing = false;
}

export const answer = async (page, exercise, text) => {
  await page.fill(`#field-${exercise}`, text);
  await page.click(`#${exercise} .check`);
};

export const says = (page, exercise) => page.locator(`#${exercise} .log .say`);

/** Waits until the exercise's verdict is this one. */
export const verdict = (page, exercise, kind) => page.waitForSelector(`#${exercise} .verdict[data-verdict="${kind}"]`);

export async function ask(page, exercise, text) {
  const field = page.locator(`#${exercise} .question input`);
  if (!await field.isVisible()) await page.click(`#${exercise} .ask-button`);
  await field.fill(text);
  await field.press('Enter');
  await page.waitForFunction((id) => !document.querySelector(`#${id} .wait`), exercise);
}

/** What the sum of the small course that is asked here comes to. */
export async function sum(page, exercise) {
  const [formula] = await page.locator(`#${exercise} .ask annotation`).allTextContents();
  return String(formula.split('+').map(Number).reduce((a, b) => a + b));
}

/** One such exercise after its sister, until no more is offered: the skill is mastered. */
export async function master(page, lesson, exercise) {
  await page.goto(lesson);
  for (let more = true; more;) {
    const [reply] = await Promise.all([page.waitForResponse(/\/attempts$/), answer(page, exercise, await sum(page, exercise))]);
    await verdict(page, exercise, 'right');
    more = (await reply.json()).sister !== null;
    if (more) await page.click(`#${exercise} .sister`);
  }
}
