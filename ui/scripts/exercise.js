// One exercise: reading the answer out of its form, sending it, showing what came back.
import { element, word } from './words.js';
import { plain, preview, setMath } from './math.js';
import { post } from './school.js';
import * as queue from './queue.js';
import { asks, befriend, openSheet, tell, trouble } from './tutor.js';

const indexes = (list) => [...list].map((item) => Number(item.value));

const helping = new Set(['similar example', 'scaffold step', 'work it out']);

// A row a check: how its form tells the answer; undefined when there is none yet.
const readers = {
  choice: (form) => { const one = form.querySelector(':checked[name=answer]'); return one ? Number(one.value) : undefined; },
  several: (form) => { const all = indexes(form.querySelectorAll(':checked[name=answer]')); return all.length ? all : undefined; },
  order: (form) => [...form.querySelectorAll('.order li')].map((item) => Number(item.dataset.index)),
  code: (form) => form.querySelector('.field').value.trimEnd() || undefined,
  match: (form) => { const all = indexes(form.querySelectorAll('.match select')); return all.includes(-1) ? undefined : all; },
};
const typed = (form) => form.querySelector('.field').value.trim() || undefined;

// Every part has a field of its own; all of them are wanted.
const readPart = (part) => {
  const one = part.querySelector(':checked');
  if (part.dataset.check === 'choice') return one ? Number(one.value) : undefined;
  return typed(part);
};
readers.parts = (form) => {
  const all = [...form.querySelectorAll('.part')].map((part) => [part.dataset.part, readPart(part)]);
  return all.some(([, answer]) => answer === undefined) ? undefined : Object.fromEntries(all);
};

// The other way round: an answer that was kept, back in its form.
const choose = (inputs, chosen) => inputs.forEach((one) => { one.checked = chosen.includes(Number(one.value)); });
const writers = {
  choice: (form, answer) => choose(form.querySelectorAll('[name=answer]'), [answer]),
  several: (form, answer) => choose(form.querySelectorAll('[name=answer]'), answer),
  order: (form, answer) => {
    const list = form.querySelector('.order');
    answer.forEach((index) => list.append(list.querySelector(`[data-index="${index}"]`)));
  },
  match: (form, answer) => form.querySelectorAll('.match select').forEach((one, i) => { one.value = answer[i]; }),
  parts: (form, answer) => form.querySelectorAll('.part').forEach((part) => {
    const given = answer[part.dataset.part];
    if (part.dataset.check === 'choice') choose(part.querySelectorAll('input'), [given]);
    else part.querySelector('.field').value = given;
  }),
};
const write = (form, answer) => {
  const field = form.querySelector('.field');
  field.value = answer;
  field.dispatchEvent(new Event('input'));
};

function tellParts(form, parts) {
  for (const { name, score, note, feedback, html } of parts ?? []) {
    const told = form.querySelector(`.part[data-part="${CSS.escape(name)}"] .told`);
    if (!told) continue;
    told.dataset.verdict = score >= 1 || note === 'carried' ? 'right' : 'not-yet';
    if (html) { told.innerHTML = html; setMath(told); } else told.textContent = feedback;
  }
}

const arrow = (d) => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', d);
  svg.append(path);
  return svg;
};

function makeOrder(list) {
  const told = element('p', { class: 'unseen', 'aria-live': 'polite' });
  list.after(told);
  const move = (item, step, button) => {
    const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(item); else other.after(item);
    button.focus();
    told.textContent = `${plain(item.querySelector('.item'))} ${word('moved')} ${[...list.children].indexOf(item) + 1}`;
  };
  for (const item of list.children) {
    const name = plain(item.querySelector('.item'));
    const up = element('button', { type: 'button', 'aria-label': `${word('up')}: ${name}` }, arrow('M3 10l5-5 5 5'));
    const down = element('button', { type: 'button', 'aria-label': `${word('down')}: ${name}` }, arrow('M3 6l5 5 5-5'));
    up.addEventListener('click', () => move(item, -1, up));
    down.addEventListener('click', () => move(item, 1, down));
    item.append(up, down);
  }
}

// Names of fields whose label is a formula: what is drawn of it is hidden from those who listen.
function nameByText(form) {
  for (const label of form.querySelectorAll('.choices label:has(.katex)')) label.querySelector('input').setAttribute('aria-label', plain(label));
  for (const row of form.querySelectorAll('.match > div:has(.katex)')) row.querySelector('select').setAttribute('aria-label', plain(row.querySelector('dt')));
}

function fillDot(id, fill) {
  const circle = document.querySelector(`[data-step="${CSS.escape(id)}"] .fill`);
  circle?.setAttribute('stroke-dasharray', `${Math.round(fill * 100)} 100`);
}

export class Exercise {
  constructor(section) {
    this.section = section;
    this.id = section.dataset.exercise;
    this.margin = befriend(section);
    this.helped = Number(section.querySelector('.log')?.dataset.helped ?? 0);
    if (!section.querySelector('form[data-check]')) return;
    this.prepare();
    queue.events.addEventListener('graded', ({ detail: { row, result } }) => {
      if (row.exercise === this.id && row.seed === this.seed && this.shown !== row.id) this.show(row.id, result);
    });
  }

  prepare() {
    this.form = this.section.querySelector('form[data-check]');
    this.check = this.form.dataset.check;
    this.form.noValidate = true;
    for (const output of this.form.querySelectorAll('.preview')) preview(output.parentElement.querySelector('.field'), output);
    setMath(this.form);
    nameByText(this.form);
    this.form.querySelectorAll('.order').forEach(makeOrder);
    const ask = element('button', { type: 'button', class: 'ask-button' }, word('ask'));
    ask.addEventListener('click', () => { openSheet(this.section); this.margin.field.focus(); });
    this.form.querySelector('.hint').after(ask);
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (event.submitter?.classList.contains('hint')) this.hint(); else this.attempt();
    });
    this.form.addEventListener('input', () => this.section.classList.remove('not-yet'));
    this.showKept();
  }

  // What waits on this device, in its place.
  async showKept() {
    const row = (await queue.waiting()).filter((one) => one.exercise === this.id && one.seed === this.seed).at(-1);
    if (!row) return;
    (writers[this.check] ?? write)(this.form, row.answer);
    this.verdict('kept', queue.standing === 'out' ? word('answer_kept_out') : word('answer_kept'));
  }

  // As text: seeds may be larger than a script's exact numbers.
  get seed() { return this.form.querySelector('[name=seed]').value; }

  verdict(kind, text, small) {
    const place = this.form.querySelector('.verdict');
    place.dataset.verdict = kind;
    place.replaceChildren(text, ...(small ? [element('small', {}, small)] : []));
    this.section.classList.toggle('not-yet', kind === 'not-yet');
  }

  async working(call) {
    const buttons = this.form.querySelectorAll('.check, .hint');
    buttons.forEach((button) => { button.disabled = true; });
    const focused = document.activeElement;
    try { return await call(); } catch (problem) { trouble(this.section, problem); return null; } finally {
      buttons.forEach((button) => { button.disabled = false; });
      if (document.activeElement === document.body) focused?.focus({ preventScroll: true });
    }
  }

  async attempt() {
    const answer = (readers[this.check] ?? typed)(this.form);
    if (answer === undefined) { this.verdict('', word('incomplete')); return; }
    const told = await this.working(async () => ({ result: await queue.answer(this.id, this.seed, answer) }));
    if (told && !told.result) this.verdict('kept', queue.standing === 'out' ? word('answer_kept_out') : word('answer_kept'));
  }

  show(id, result) {
    this.shown = id;
    const solved = result.solved ?? result.score >= 1;
    const help = !this.helped ? '' : this.helped === 1 ? word('with_one_hint') : word('with_hints');
    if (solved) this.verdict('right', word('right'), help);
    else if (result.note === 'waiting') { this.verdict('', ''); this.form.querySelector('.open-told')?.remove(); }
    else if (result?.counts === false) this.verdict('', ''); // a question back, and no attempt
    else { this.verdict('not-yet', word('not_yet')); }
    tellParts(this.form, result.parts);
    fillDot(this.id, solved ? 1 : 0.5 * (result.score ?? 0));
    tell(this.section, result.say);
    if (result.asks) asks(this.section, result.asks);
    this.count(result);
    if (result.sister) this.sister(result.sister);
  }

  async hint() {
    const result = await this.working(() => post(`/api/exercises/${encodeURIComponent(this.id)}/hints`, { seed: this.seed }));
    if (!result) return;
    tell(this.section, result.say);
    this.count(result);
    if (result.sister) this.sister(result.sister);
  }

  // Help is a rung of the ladder, once; the same rung again while there is time to read it is none.
  count(result) {
    if (helping.has(result.move) && !result.wait_seconds) this.helped += 1;
  }

  // The same exercise with other numbers: its form comes ready from the school.
  sister(sister) {
    const row = this.form.querySelector('.actions');
    row.querySelector('.sister')?.remove();
    const button = element('button', { type: 'button', class: 'sister' }, word('another'));
    button.addEventListener('click', () => {
      if (!sister.html) { location.reload(); return; }
      const fresh = new DOMParser().parseFromString(sister.html, 'text/html').querySelector('.work');
      this.section.querySelector('.work').replaceWith(document.adoptNode(fresh));
      this.helped = 0;
      this.section.classList.remove('not-yet');
      this.prepare();
      this.section.querySelector('.field, .choices input, .order button, .match select')?.focus();
    });
    row.querySelector('.verdict').before(button);
  }
}
