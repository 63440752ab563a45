// The friend in the margin: what was said, where it came from, and a line to ask.
import { element, word } from './words.js';
import { setMath } from './math.js';
import { Trouble, turn } from './school.js';

const articleOf = (section) => section?.closest('article') ?? document.querySelector('article');
const { lang } = document.documentElement;

function cite({ passage, heading, lesson }, section) {
  const article = articleOf(section);
  const elsewhere = lesson && lesson !== article.dataset.lesson;
  const page = elsewhere ? `/courses/${encodeURIComponent(article.dataset.course)}/lessons/${encodeURIComponent(lesson)}` : '';
  return element('a', { class: 'cite', href: `${page}#${encodeURIComponent(passage)}` }, heading || word('passage'));
}

// Which model, from which passage, checked how: told on touch and on focus.
function origin(say) {
  const told = element('details', { class: 'origin' });
  told.append(element('summary', {}, `${word('by_model')} ${say.model ?? ''}`), element('span', {}, `${word('checked')} `));
  if (say.cites?.length) told.append(`${word('from_passage')}: `);
  return told;
}

// What was looked up for it: the tool, what it was asked, what it found. Sums stand from left to right.
function lookedUp({ name, asked, found, tool, model, done }) {
  const line = element('div', { class: 'looked-up', lang }, `${word('looked_up')} · `, element('bdi', {}, name));
  const equals = !found ? '' : !done ? ': ' : found.startsWith('≈') ? ' ' : ' = ';
  if (tool === 'sum' || tool === 'code') line.append(': ', element('bdi', { dir: 'ltr' }, `${asked}${equals}${found}`));
  else if (asked || found) line.append(': ', element('bdi', { dir: 'auto' }, asked), asked && equals, element('bdi', { dir: 'auto' }, found));
  if (model) line.append(` · ${word('chosen_by')} `, element('bdi', {}, model));
  return line;
}

export function sayElement(say, section) {
  const from = say.quote ? 'quote' : say.from ?? 'author';
  const text = element('span', { class: from === 'model' ? 'model-words' : undefined });
  // `html` was made and escaped by the school; without it, text stays text.
  if (say.html) text.innerHTML = say.html; else text.textContent = say.text ?? '';
  const made = element('div', { class: 'say fresh', dir: 'auto', 'data-from': from }, text);
  const cites = (say.cites ?? []).map((one) => cite(one, section));
  if (from === 'model') {
    const told = origin(say);
    told.append(...cites);
    made.append(told);
  } else {
    for (const link of cites) made.append(' ', link);
  }
  if (say.looked_up) made.append(lookedUp(say.looked_up));
  setMath(made);
  return made;
}

export function logOf(section) {
  const notes = section.querySelector('.notes');
  let log = notes.querySelector('.log');
  if (!log) {
    log = element('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': word('tutor') });
    notes.prepend(log);
  }
  return log;
}

/** Narrow pages: the tutor of this exercise comes up from below, and any other's goes. */
export function closeSheets(section) {
  for (const other of document.querySelectorAll('.sheet')) if (other !== section) other.classList.remove('sheet');
}

export function openSheet(section) {
  closeSheets(section);
  section.classList.add('sheet');
  if (matchMedia('(max-width: 1099.98px)').matches) {
    const box = section.querySelector('.work').getBoundingClientRect();
    const room = innerHeight * 0.56;
    if (box.bottom > room || box.top < 0) scrollBy({ top: Math.min(box.bottom - room, box.top - 16) });
  }
}

export function tell(section, says) {
  const log = logOf(section);
  for (const say of says ?? []) {
    const made = sayElement(say, section);
    // What is said once more is not written twice.
    for (const old of log.querySelectorAll('.say')) if (old.textContent === made.textContent) old.remove();
    // Quotes stand in until a model's words for them have passed.
    if (say.replaces) log.querySelectorAll('[data-draft]').forEach((old) => old.remove());
    if (say.draft) made.dataset.draft = '';
    log.append(made);
  }
  if (says?.length) {
    openSheet(section);
    for (const scrolled of [log, log.parentElement]) scrolled.scrollTop = scrolled.scrollHeight;
  }
}

/** The tutor asks for the background, once; nothing waits for an answer. */
export function asks(section, { text }) {
  logOf(section).append(element('div', { class: 'say fresh', dir: 'auto' }, `${text} `,
    element('a', { href: '/memory', lang }, word('tell_about_you'))));
}

export function trouble(section, problem) {
  const log = logOf(section);
  log.querySelectorAll('.trouble').forEach((old) => old.remove());
  log.append(element('p', { class: 'trouble', lang }, problem instanceof Trouble && problem.message ? problem.message : word('server_away')));
  openSheet(section);
}

async function ask(section, field) {
  const text = field.value.trim();
  if (!text) { field.focus(); return; }
  const log = logOf(section);
  log.querySelectorAll('.trouble').forEach((old) => old.remove());
  const mine = element('p', { class: 'mine' }, element('span', { class: 'unseen' }, `${word('you')}: `), element('bdi', {}, text));
  log.append(mine);
  const wait = element('p', { class: 'wait', lang }, `${word('one_moment')} …`);
  log.append(wait);
  openSheet(section);
  field.value = '';
  const seed = section.querySelector('input[name=seed]')?.value;
  const article = articleOf(section);
  try {
    await turn({ course: article.dataset.course, lesson: article.dataset.lesson, exercise: section.dataset.exercise || null,
      ...(seed ? { seed } : {}), text }, (say) => { wait.remove(); tell(section, [say]); });
  } catch (problem) {
    if (!field.value) field.value = text;
    if (mine.nextElementSibling === wait) mine.remove();
    trouble(section, problem);
  }
  wait.remove();
  log.querySelectorAll('[data-draft]').forEach((stays) => stays.removeAttribute('data-draft'));
}

/** Puts the line to ask, and the button that closes the sheet, into the margin. */
export function befriend(section) {
  const notes = section.querySelector('.notes');
  logOf(section);
  const name = section.querySelector('h3, h2')?.textContent ?? '';
  const field = element('input', { name: 'question', maxlength: '1000', autocomplete: 'off', dir: 'auto', enterkeyhint: 'send',
    'aria-label': `${word('ask_here')}: ${name}`, placeholder: word('ask_placeholder') });
  const form = element('form', { class: 'question', lang }, field, element('button', {}, word('ask')));
  form.addEventListener('submit', (event) => { event.preventDefault(); ask(section, field); });
  const close = element('button', { type: 'button', class: 'close', 'aria-label': word('close') }, '×');
  close.addEventListener('click', () => { section.classList.remove('sheet'); section.querySelector('.work button, .work input')?.focus(); });
  notes.prepend(close);
  notes.append(form);
  notes.addEventListener('keydown', (event) => { if (event.key === 'Escape') close.click(); });
  return { field };
}
