// J and K walk through the rows of a list ([data-rows]); Enter opens the row, since its link has the focus; X selects
// it. N presses what claims the next task, / goes to the search, ? shows the keys.
// Control (or Command) and Enter sends the form one writes in.
import { toggleRow } from './lists.js';

export function wireKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event);
    else if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    else if (document.querySelector('dialog[open]')) return;
    else if (act(event)) event.preventDefault();
  });
}

function act(event) {
  switch (event.key) {
    case 'j':
      return walk(1);
    case 'k':
      return walk(-1);
    case 'x':
    case 'X':
      return toggleRow(event.shiftKey);
    case 'n':
      return press('[data-claim-next]');
    case '/':
      return focusOn('[data-list] input[type=search], main input[type=search], .gd-bar input[type=search]');
    case '?':
      return showKeys();
    default:
      return false;
  }
}

function walk(step) {
  const links = [...document.querySelectorAll('[data-rows] .gd-subj')];
  if (!links.length) return false;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: 'nearest' });
  return true;
}

function press(selector) {
  const button = document.querySelector(selector);
  button?.click();
  return Boolean(button);
}

function focusOn(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  field?.select();
  return Boolean(field);
}

function showKeys() {
  const dialog = document.querySelector('#keys');
  dialog?.showModal();
  return Boolean(dialog);
}

function send(event) {
  if (!event.target.matches('textarea')) return;
  const buttons = [...(event.target.form?.querySelectorAll('button:not([type=button])') ?? [])];
  buttons.find((button) => button.offsetParent && button.getAttribute('aria-disabled') !== 'true')?.click();
}

const isTyping = (element) =>
  element.matches('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]');
