// A lesson: sets its formulas, wakes its exercises, follows where the learner is.
import { Exercise } from './exercise.js';
import { setMath } from './math.js';
import { closeSheets } from './tutor.js';
import { word } from './words.js';

document.documentElement.classList.add('js');
const sections = [...document.querySelectorAll('.exercise')];
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
const seen = new IntersectionObserver((entries) => {
  const entry = entries.find((one) => one.isIntersecting);
  if (entry && !entry.target.contains(document.activeElement) && !document.activeElement?.closest('.exercise')) atHand(entry.target);
}, { rootMargin: '-30% 0px -45% 0px' });
sections.forEach((section) => seen.observe(section));

// A citation opens its passage: scrolls there and lights it.
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a.cite');
  const passage = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!passage) return;
  event.preventDefault();
  passage.classList.remove('passage-lit');
  passage.tabIndex = -1;
  passage.scrollIntoView({ block: 'center' });
  passage.focus({ preventScroll: true });
  requestAnimationFrame(() => passage.classList.add('passage-lit'));
});

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
