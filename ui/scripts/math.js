// Formulas: those of the lesson, and what a learner types, set as they type it.

const options = { output: 'htmlAndMathml', throwOnError: false, maxExpand: 200, maxSize: 20, strict: false, trust: false };

export function setMath(root) {
  if (!window.katex) return;
  for (const span of root.querySelectorAll('.math:not([data-set])')) {
    const tex = span.textContent.trim().replace(/^\\[([]|\\[\])]$|^\$\$?|\$\$?$/g, '');
    span.dataset.set = '';
    window.katex.render(tex, span, { ...options, displayMode: span.matches('.display, .block, div') });
  }
}

// MathML on one line, as one would read it out: 1/2, x^2, √(3).
const between = { mfrac: '/', msup: '^', msub: '_', munder: '_', mover: '^' };
function onOneLine(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.localName === 'annotation') return '';
  const parts = [...node.childNodes].map(onOneLine);
  if (node.localName === 'msqrt') return `√(${parts.join('')})`;
  const sign = between[node.localName];
  return sign ? parts.map((part) => (/^[\w.]*$/.test(part) ? part : `(${part})`)).join(sign) : parts.join('');
}

/** The text of an element for a label, its formulas on one line. */
export function plain(element) {
  if (element.nodeType === Node.TEXT_NODE) return element.data;
  if (element.matches('.katex')) return onOneLine(element.querySelector('math'));
  return [...element.childNodes].map(plain).join('');
}

const greek = new Set(('alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau '
  + 'phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega').split(' '));
const named = new Set('sin cos tan ln log exp min max arcsin arccos arctan sinh cosh tanh'.split(' '));
const signs = { '*': '\\cdot ', '<=': '\\le ', '>=': '\\ge ', '!=': '\\ne ', '->': '\\to ', '±': '\\pm ', '×': '\\times ',
  '−': '-', '·': '\\cdot ', '∞': '\\infty ', 'π': '\\pi ', '≤': '\\le ', '≥': '\\ge ', '%': '\\%' };

function tokens(text) {
  const found = text.match(/\d+(?:[.,]\d+)?|[A-Za-z]+|\\[A-Za-z]+|<=|>=|!=|->|\s+|./gu) ?? [];
  return found.filter((token) => token.trim());
}

// Precedence climbing over: sums, products and fractions, powers, atoms.
class Typed {
  constructor(text) { this.left = tokens(text); this.depth = 0; }
  peek() { return this.left[0]; }
  take() { return this.left.shift(); }

  line() {
    let out = '';
    while (this.left.length) {
      out += this.product();
      const next = this.peek();
      if (next !== undefined && this.ends(next)) {
        this.take();
        out += next === 'or' ? '\\text{ or }' : next === 'and' ? '\\text{ and }' : next === ')' ? ')' : next === '/' ? '/' : next === '}' ? '\\}' : (signs[next] ?? next);
      }
    }
    return out;
  }

  ends(token) { return ['+', '-', '−', '=', '<', '>', '<=', '>=', '!=', ',', ';', ')', ']', '}', 'or', 'and', '->', '±', '/'].includes(token); }

  product() {
    let out = '';
    for (let next = this.peek(); next !== undefined && !this.ends(next); next = this.peek()) {
      if (signs[next] && !this.atomic(next)) { out += signs[this.take()]; continue; }
      let factor = this.power();
      while (this.peek() === '/') {
        this.take();
        const below = this.peek() === undefined || this.ends(this.peek()) ? '\\square' : this.power(true);
        factor = `\\frac{${this.bare(factor)}}{${this.bare(below)}}`;
      }
      out += factor;
    }
    return out;
  }

  atomic(token) { return token === 'π' || token === '∞'; }
  bare(tex) { const found = /^\\left\((.*)\\right\)$/.exec(tex); return found && !found[1].includes('\\right)') ? found[1] : tex; }

  power() {
    let base = this.atom();
    for (let next = this.peek(); next === '^' || next === '_'; next = this.peek()) {
      this.take();
      const minus = this.peek() === '-' ? this.take() : '';
      const above = this.peek() === undefined || this.ends(this.peek()) ? '\\square' : this.atom();
      base += `${next}{${minus}${this.bare(above)}}`;
    }
    return base;
  }

  group(close) {
    let inside = '';
    if (++this.depth > 40) return '';
    while (this.left.length && this.peek() !== close) {
      inside += this.product();
      const next = this.peek();
      if (next !== undefined && next !== close && this.ends(next)) inside += signs[this.take()] ?? next;
    }
    this.take();
    this.depth--;
    return inside;
  }

  atom() {
    const token = this.take();
    if (token === '(') return `\\left(${this.group(')')}\\right)`;
    if (token === '[') return `\\left[${this.group(']')}\\right]`;
    if (token === '{') return `\\left\\{${this.group('}')}\\right\\}`;
    if (token === 'sqrt' || token === '√') return `\\sqrt{${this.peek() === undefined ? '\\square' : this.bare(this.atom())}}`;
    if (token === 'abs' && this.peek() === '(') { this.take(); return `\\left|${this.group(')')}\\right|`; }
    if (/^\d/.test(token)) return token.replace(',', '{,}');
    if (greek.has(token)) return `\\${token} `;
    if (named.has(token)) return `\\${token} `;
    if (/^log\d+$/.test(token)) return `\\log_{${token.slice(3)}}`;
    if (/^[A-Za-z]$/.test(token)) return token;
    if (/^[A-Za-z]+$/.test(token)) return `\\mathrm{${token}}`;
    if (/^\\[A-Za-z]+$/.test(token)) return `${token} `;
    if (signs[token]) return signs[token];
    return /[\\$&#^_~]/.test(token) ? `\\text{${token === '\\' ? '\\textbackslash' : '\\' + token}}` : `\\text{${token}}`;
  }
}

export const toTex = (text) => new Typed(text.slice(0, 400)).line();

/** Sets what is in the field beside it, at every key. */
export function preview(field, output) {
  const show = () => {
    // A plain number or letter would only be said twice.
    if (!/[^\w.,\s-]|[A-Za-z]{2}|\d[A-Za-z]/.test(field.value) || !window.katex) { output.textContent = ''; return; }
    try { window.katex.render(toTex(field.value), output, { ...options, throwOnError: true }); }
    catch { output.textContent = field.value; }
  };
  field.addEventListener('input', show);
  show();
}
