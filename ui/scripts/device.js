// On every page: the school is kept on this device, and a quiet bar tells when it is away.
import * as queue from './queue.js';
import { learner } from './school.js';
import { note } from './store.js';
import { element, word } from './words.js';

const bar = document.getElementById('away');
const fill = (key, n) => word(key).replace('%d', n);
let sent = 0;

const button = (text, act) => {
  const made = element('button', { type: 'button' }, text);
  made.addEventListener('click', act);
  return made;
};

function dropping(rows) {
  return button(word('remove_kept'), () => { if (confirm(fill('remove_kept_sure', rows.length))) queue.drop(rows); });
}

// What is to be told, most urgent first; each with what can be done about it.
async function lines() {
  const [waiting, refused, others] = await Promise.all([queue.waiting(), queue.refused(), queue.others()]);
  const told = [];
  if (queue.standing === 'out') {
    told.push([waiting.length ? fill('signed_out_kept', waiting.length) : word('signed_out'),
      element('a', { href: '/sign-in' }, word('sign_in')), element('a', { href: location.pathname }, word('go_on_new'))]);
  } else if (queue.standing === 'away') {
    told.push([waiting.length ? fill('away_kept', waiting.length) : word('away_read'), button(word('try_again'), () => queue.flush())]);
  } else if (sent) {
    told.push([fill('kept_sent', sent)]);
  }
  if (refused.length) told.push([`${fill('kept_refused', refused.length)} ${refused[0].refused}`, dropping(refused)]);
  if (others.length && queue.standing === 'here') told.push([fill('kept_of_others', others.length), dropping(others)]);
  return told;
}

// One after the other: the last to begin is the last to be seen.
let shown = Promise.resolve();
const show = () => { shown = shown.then(render, render); return shown; };

async function render() {
  const told = await lines();
  const text = told.map(([one]) => one).join(' ');
  if (bar.dataset.told === text) return;
  bar.dataset.told = text;
  bar.replaceChildren(...told.map(([one, ...todo]) => element('p', {}, element('span', {}, one), ...todo)));
}

for (const name of ['standing', 'changed']) queue.events.addEventListener(name, show);
queue.events.addEventListener('sent', ({ detail }) => { sent += detail; show(); keep(true); });

// --------------------------------------------------------------------------------------- keeping

const workers = navigator.serviceWorker; // none where the page came unprotected from another machine

/** The lessons of this course, what is due, and the way to them. */
async function keep(anew) {
  const worker = (await workers?.ready)?.active;
  const course = document.querySelector('article[data-course]')?.dataset.course;
  if (!worker || queue.standing !== 'here') return;
  const lessons = [...document.querySelectorAll('.rail .stop')].map((one) => one.pathname);
  const urls = ['/away', '/', '/progress', '/practice/due', ...lessons];
  worker.postMessage({ keep: { group: lessons.length ? course : '', urls, language: document.documentElement.lang, anew } });
}

async function forget() {
  const worker = (await workers?.getRegistration())?.active;
  if (!worker) return;
  await new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    setTimeout(resolve, 3000);
    worker.postMessage({ forget: true }, [port2]);
  });
}

// Signing out takes what is the learner's from this device; what was not sent is asked about first.
document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (new URL(form.action).pathname !== '/sign-out' || form.dataset.sure) return;
  event.preventDefault();
  await queue.probe();
  if (queue.standing === 'away') { bar.dataset.told = word('sign_out_away'); bar.replaceChildren(element('p', {}, word('sign_out_away'))); return; }
  const rows = [...await queue.waiting(), ...await queue.refused()];
  if (rows.length && !confirm(fill('sign_out_unsent', rows.length))) return;
  await queue.drop(rows);
  await note('visitor', null);
  await forget();
  form.dataset.sure = 'yes';
  form.submit();
});

// A learner's day begins by the clock that they see.
const offset = document.querySelector('[name=utc_offset]');
if (offset) offset.value = -new Date().getTimezoneOffset();

async function begin() {
  await workers?.register('/sw.js').catch(() => {});
  const rows = (await queue.waiting()).length;
  if (rows || workers?.controller) await queue.probe();
  await show();
  if (learner() || document.querySelector('article')) await keep(false);
}
begin();
