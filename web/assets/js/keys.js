// J and K walk through the rows of a list ([data-rows]); Enter opens the row, since its link has the focus.
// Control (or Command) and Enter sends the form one writes in.
export function wireKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event);
    else if (!event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) walk(event);
  });
}

function walk(event) {
  const step = { j: 1, k: -1 }[event.key];
  const links = [...document.querySelectorAll('[data-rows] .gd-subj')];
  if (!step || !links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next].focus();
  links[next].scrollIntoView({ block: 'nearest' });
  event.preventDefault();
}

function send(event) {
  if (!event.target.matches('textarea')) return;
  const buttons = [...(event.target.form?.querySelectorAll('button:not([type=button])') ?? [])];
  buttons.find((button) => button.offsetParent && button.getAttribute('aria-disabled') !== 'true')?.click();
}

const isTyping = (element) => element.matches('input, textarea, select, [contenteditable]');
