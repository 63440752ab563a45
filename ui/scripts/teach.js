// A page of a teacher: sets the formulas of questions, and opens the form that a link leads to.
import { setMath } from './math.js';

setMath(document);

function openForm() {
  const form = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.querySelector('.write');
  if (!form) return;
  for (let one = form; one; one = one.parentElement.closest('details')) one.open = true;
  form.scrollIntoView({ block: 'center' });
  form.querySelector('input:not([type=hidden])').focus({ preventScroll: true });
}
addEventListener('hashchange', openForm);
openForm();
