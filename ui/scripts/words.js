// The interface's words, sent with the page.
const words = JSON.parse(document.getElementById('words').textContent);

export const word = (key) => words[key] ?? key;

/** An element with classes, attributes and children; text is always text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false)
      made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}
