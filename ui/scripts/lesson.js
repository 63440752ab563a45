// A lesson: sets its formulas, wakes its exercises, follows where the learner is.
import { Exercise } from './exercise.js';
import { setMath } from './math.js';
import { closeSheets } from './tutor.js';
import { word } from './words.js';

document.documentElement.classList.add('js');
const sections = [...document.querySelectorAll('.exercise')].filter((section) => section.querySelector('.notes'));
for (const section of sections) new Exercise(section);
setMath(document);

function atHand(section) {
  for (const other of sections) other.classList.toggle('at-hand', other === section);
  for (const step of document.querySelectorAll('[data-step]')) step.classList.toggle('at-hand', step.dataset.step === section?.dataset.exercise);
}

for (const section of sections) {
  section.addEventListener('focusin', () => atHand(section));
  // Not before the click is done: what moves under a finger is not pressed.
  section.addEventListener('click', () => closeSheets(section));
  section.addEventListener('keyup', (event) => { if (event.key === 'Tab') closeSheets(section); });
}
// Nobody's focus in an exercise: the one that stands nearest to where the eyes are.
const visible = new Set();
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) if (isIntersecting) visible.add(target); else visible.delete(target);
  if (document.activeElement?.closest('.exercise')) return;
  const far = (section) => {
    const box = section.getBoundingClientRect();
    return Math.abs((box.top + box.bottom) / 2 - innerHeight * 0.45);
  };
  const nearest = [...visible].sort((one, other) => far(one) - far(other))[0];
  if (nearest) atHand(nearest);
}, { threshold: [0, 0.5, 1] });
sections.forEach((section) => seen.observe(section));

// A citation opens its passage: scrolls there and lights it.
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a.cite');
  const passage = link?.pathname === location.pathname && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!passage) return;
  event.preventDefault();
  passage.classList.remove('passage-lit');
  passage.tabIndex = -1;
  passage.scrollIntoView({ block: 'center' });
  passage.focus({ preventScroll: true });
  requestAnimationFrame(() => passage.classList.add('passage-lit'));
});

// What is larger than its place is scrolled by keyboard too.
const measured = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const long = target.scrollHeight > target.clientHeight + 1 && getComputedStyle(target).overflowY === 'auto';
    target.classList.toggle('long', long);
    if (long || target.scrollWidth > target.clientWidth) target.tabIndex = 0; else target.removeAttribute('tabindex');
  }
});
document.querySelectorAll('article table, article pre, .katex-display, .log').forEach((one) => measured.observe(one));

// While the model wakes up, the page says so, and says when it is there.
const state = document.getElementById('model');
if (state?.dataset.model === 'loading') {
  const names = { ready: word('model_ready'), absent: word('model_absent') };
  const watch = setInterval(async () => {
    const health = await fetch('/healthz').then((answer) => answer.json()).catch(() => null);
    if (!health || !names[health.model]) return;
    state.dataset.model = health.model;
    state.textContent = names[health.model];
    clearInterval(watch);
  }, 1500);
}
