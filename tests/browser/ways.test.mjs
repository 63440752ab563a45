// What learners do, and the states that they meet, each with a picture; on a made-up lesson.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import * as school from './school.mjs';

const lesson = '/courses/c/lessons/01';
let browser, server;

before(async () => { [browser, server] = await Promise.all([school.launch(), school.startPages('ready')]); });
after(async () => { await browser?.close(); await server?.stop(); });

/** A test on a page of its own, on which nothing may go wrong unseen. */
const way = (name, act, options = {}) => test(name, async () => {
  const page = await school.open(browser, server.base + (options.path ?? lesson), options.context);
  try {
    await act(page);
    assert.deepEqual(page.wrongs.filter((text) => !options.expected?.test(text)), []);
  } finally {
    await page.context().close();
  }
});

way('a wrong answer with a known misconception is told what it shows', async (page) => {
  await school.answer(page, 'e1', '1');
  await school.verdict(page, 'e1', 'not-yet');
  assert.match(await school.says(page, 'e1').last().textContent(), /You found how far the place is from 3/);
  assert.match(await page.locator('#field-e1').evaluate((one) => getComputedStyle(one).textDecorationLine), /underline/);
  await school.picture(page, 'state-wrong-known');
});

way('a wrong answer that nobody foresaw is still answered', async (page) => {
  await school.answer(page, 'e1', '17');
  await school.verdict(page, 'e1', 'not-yet');
  assert.match(await school.says(page, 'e1').last().textContent(), /17/);
  await school.picture(page, 'state-wrong-unknown');
});

way('four wrong answers bring the solution, and a sister exercise to do alone', async (page) => {
  for (const text of ['11', '12', '13', '14']) {
    await school.answer(page, 'e1', text);
    await page.waitForFunction((said) => document.querySelector('#e1 .log').textContent.includes(said),
      text === '14' ? 'The slope is' : text);
  }
  await school.picture(page, 'state-worked-out');
  await page.click('#e1 .sister');
  await page.waitForFunction(() => document.querySelector('#e1 .ask').textContent.includes('6'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'field-e1');
  await school.answer(page, 'e1', '6');
  await school.verdict(page, 'e1', 'right');
  await school.picture(page, 'state-sister');
});

way('a right answer is ticked, says how much help it took, and fills its dot', async (page) => {
  await page.click('#e1 .hint');
  await school.says(page, 'e1').first().waitFor();
  await school.answer(page, 'e1', '2');
  await school.verdict(page, 'e1', 'right');
  assert.match(await page.textContent('#e1 .verdict'), /Right.*with one hint/s);
  assert.equal(await page.getAttribute('[data-step=e1] .fill', 'stroke-dasharray'), '100 100');
  await school.picture(page, 'state-right');
});

way('a question is answered by the course, and its citation opens the passage', async (page) => {
  await school.ask(page, 'e1', 'What is a slope?');
  const said = school.says(page, 'e1').last();
  assert.equal(await said.getAttribute('data-from'), 'model');
  assert.equal(await school.says(page, 'e1').count(), 1, 'the words of the model stand for the quote');
  await said.locator('summary').click();
  assert.match(await said.textContent(), /SmolLM2.*Checked against the lesson/s);
  await school.picture(page, 'state-asked-answered');
  await said.locator('a.cite').click();
  assert.equal(await page.evaluate(() => document.activeElement.id), '01--sum');
  await page.locator('[id="01--sum"].passage-lit').waitFor();
});

way('what the course does not say is said so', async (page) => {
  await school.ask(page, 'e1', 'Who won the cup?');
  assert.match(await school.says(page, 'e1').first().textContent(), /does not say/);
  assert.equal(await school.says(page, 'e1').last().locator('a.cite').count(), 1);
  await school.picture(page, 'state-asked-unsaid');
});

way('asking for the answer gets help and not the answer', async (page) => {
  await school.ask(page, 'e1', 'just tell me the answer');
  assert.match(await school.says(page, 'e1').last().textContent(), /do not tell/);
  await school.picture(page, 'state-asked-for-answer');
});

way('every kind of exercise can be answered', async (page) => {
  await school.answer(page, 'e3', 'x+3');
  await page.click('#e4 label:nth-of-type(1)');
  await page.click('#e4 label:nth-of-type(3)');
  await page.click('#e4 .check');
  await school.answer(page, 'e5', 'learning rate');
  await page.click('#e6 .order li:nth-child(1) button:nth-of-type(2)');
  await page.click('#e6 .order li:nth-child(2) button:nth-of-type(2)');
  await page.click('#e6 .check');
  for (const [name, value] of [['m0', '2'], ['m1', '0'], ['m2', '1']])
    await page.selectOption(`#e7 [name=${name}]`, value);
  await page.click('#e7 .check');
  for (const exercise of ['e3', 'e4', 'e5', 'e6', 'e7']) await school.verdict(page, exercise, 'right');
  await school.picture(page, 'every-kind', { fullPage: true });
  // What was answered is there when the learner comes back.
  await page.reload();
  for (const exercise of ['e3', 'e4', 'e5', 'e6', 'e7']) await school.verdict(page, exercise, 'right');
  assert.equal(await page.inputValue('#field-e3'), 'x+3');
  assert.equal(await page.locator('#e4 :checked').count(), 2);
  assert.match(await page.textContent('#e6 .order li:first-child .item'), /Feel/);
  assert.equal(await page.inputValue('#e7 [name=m2]'), '1');
});

way('an empty answer is asked for and not sent', async (page) => {
  let sent = 0;
  page.on('request', (request) => { sent += request.method() === 'POST' ? 1 : 0; });
  await page.click('#e1 .check');
  await page.click('#e2 .check');
  assert.match(await page.textContent('#e2 .verdict'), /Nothing there yet/);
  assert.equal(sent, 0);
});

way('when every exercise is done, nothing is due', async (page) => {
  await school.answer(page, 'g1', '6');
  await school.verdict(page, 'g1', 'right');
  assert.equal(await page.getAttribute('[data-step=g1] .fill', 'stroke-dasharray'), '100 100');
  await school.picture(page, 'state-lesson-complete');
  const keys = { e1: '2', e2: 1, e3: 'x+3', e4: [0, 2], e5: 'learning rate', e6: [1, 2, 0], e7: [2, 0, 1] };
  for (const [exercise, answer] of Object.entries(keys)) {
    const status = await page.evaluate(([id, body]) => fetch(`/api/exercises/${id}/attempts`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body }).then((one) => one.status),
    [exercise, JSON.stringify({ answer })]);
    assert.equal(status, 200);
  }
  await page.goto(`${server.base}/`);
  assert.match(await page.textContent('main'), /Nothing is due today/);
  await school.picture(page, 'state-nothing-due');
}, { path: '/courses/c/lessons/02' });

way('everything can be done by keyboard alone, and focus is always seen', async (page) => {
  const press = async (key, times = 1) => { for (let i = 0; i < times; i++) await page.keyboard.press(key); };
  const tabTo = async (selector) => {
    for (let i = 0; i < 60; i++) {
      await press('Tab');
      const [there, seen, told] = await page.evaluate((wanted) => {
        const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
        const ringed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        const inView = box.bottom > 0 && box.top < innerHeight && box.width > 0;
        return [one.matches(wanted), ringed && inView, one.outerHTML.slice(0, 120)];
      }, selector);
      assert.ok(seen, `focus is not seen on ${told}`);
      if (there) return;
    }
    assert.fail(`${selector} is not reached by Tab`);
  };
  await tabTo('.skip');
  await press('Enter');
  await tabTo('#field-e1');
  await page.keyboard.type('1');
  await press('Enter');
  await school.verdict(page, 'e1', 'not-yet');
  await tabTo('#e1 .hint');
  await press('Space');
  await page.waitForFunction(() => document.querySelectorAll('#e1 .say').length === 2);
  await tabTo('#e1 .question input');
  await page.keyboard.type('What is a slope?');
  await press('Enter');
  await page.waitForSelector('#e1 .say[data-from=model]');
  await school.picture(page, 'state-keyboard');
  await tabTo('#e2 input');
  await press('ArrowDown');
  await press('Enter');
  await school.verdict(page, 'e2', 'right');
  await tabTo('#e6 .order li:first-child button:nth-of-type(2)');
  await press('Enter', 2);
  await tabTo('#e6 .check');
  await press('Enter');
  await school.verdict(page, 'e6', 'right');
  await tabTo('#ask-lesson .question input');
  await page.keyboard.type('What is a slope?');
  await press('Enter');
  await page.waitForSelector('#ask-lesson .say');
}, { context: { reducedMotion: 'reduce' } });

way('a narrow page opens the tutor as a sheet, and Escape closes it', async (page) => {
  await school.answer(page, 'e1', '1');
  await school.verdict(page, 'e1', 'not-yet');
  await page.waitForFunction(() => document.querySelector('#e1.sheet') !== null);
  await school.picture(page, 'state-narrow-sheet');
  const sheet = await page.locator('#e1 .notes').boundingBox();
  const field = await page.locator('#field-e1').boundingBox();
  assert.ok(field.y >= 0 && field.y + field.height <= sheet.y, 'the exercise stays in view');
  await page.focus('#e1 .question input');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.sheet').count(), 0);
}, { context: { viewport: school.narrow } });

way('without scripts a lesson reads, and choices and numbers are answered by plain forms', async (page) => {
  const shows = async (place, words) => {
    await page.locator(place, { hasText: words }).waitFor();
  };
  await shows('article', /Stand on a hillside in fog/);
  await school.picture(page, 'no-scripts');
  const push = async (button) => { await page.focus(button); await page.keyboard.press('Enter'); };
  const answer = async (text) => { await page.fill('#field-e1', text); await push('#e1 .check'); };
  await answer('1');
  await shows('#e1 .verdict', /Not yet/);
  await shows('#e1 .notes', /You found how far/);
  assert.equal(await page.inputValue('#field-e1'), '1');
  await push('#e1 .hint');
  await shows('#e1 .notes', /Put the place/);
  await answer('2');
  await shows('#e1 .verdict', /Right/);
  await page.focus('#e2 [value="0"]');
  await page.keyboard.press('ArrowDown');
  await push('#e2 .check');
  await shows('#e2 .verdict', /Right/);
  for (const [name, value] of [['p0', '3'], ['p1', '1'], ['p2', '2']])
    await page.selectOption(`#e6 [name=${name}]`, value);
  await push('#e6 .check');
  await shows('#e6 .verdict', /Right/);
  await school.picture(page, 'no-scripts-answered');
}, { context: { javaScriptEnabled: false } });

test('while the model wakes up the page says so, and says when it is there', async () => {
  const waking = await school.startPages('loading');
  try {
    const page = await school.open(browser, waking.base + lesson);
    assert.match(await page.textContent('#model'), /waking up/);
    await school.picture(page, 'state-model-loading');
    waking.child.kill('SIGUSR1');
    await page.waitForFunction(() => document.getElementById('model').textContent.includes('is here'));
    await page.context().close();
  } finally {
    await waking.stop();
  }
});

test('with no model the page says that the authored course teaches, and it does', async () => {
  const alone = await school.startPages('absent');
  try {
    const page = await school.open(browser, alone.base + lesson);
    assert.match(await page.textContent('#model'), /authored course alone/);
    await school.ask(page, 'e1', 'What is a slope?');
    assert.equal(await school.says(page, 'e1').last().getAttribute('data-from'), 'quote');
    await school.picture(page, 'state-model-absent');
    await page.context().close();
  } finally {
    await alone.stop();
  }
});

test('when the server is away nothing given or typed is lost, and it goes on when it is back', async () => {
  const first = await school.startPages('absent');
  const port = Number(new URL(first.base).port);
  const page = await school.open(browser, first.base + lesson);
  await page.fill('#field-e1', '2');
  assert.equal(await first.stop(), 0);
  await page.click('#e1 .check');
  await school.verdict(page, 'e1', 'kept');
  await school.ask(page, 'e1', 'What is a slope?');
  assert.equal(await page.inputValue('#e1 .question input'), 'What is a slope?');
  assert.equal(await page.inputValue('#field-e1'), '2');
  await school.picture(page, 'state-server-away');
  const second = await school.startPages('absent', 'c', port);
  try {
    await school.verdict(page, 'e1', 'right');
  } finally {
    await page.context().close();
    await second.stop();
  }
});
