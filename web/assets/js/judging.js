// Judging many steps of a spot check by keyboard: P passes the step one is at, F goes to its reason, Control and Enter
// there fails it. Once a verdict is in, the next step that waits for one has the focus; after the last, the next campus.
let judged = '';

export function wireJudging() {
  document.addEventListener('keydown', (event) => {
    const step = event.target.closest?.('[data-judged]');
    if (!step || document.querySelector('dialog[open]')) return;
    const typing = event.target.matches('textarea, input, select');
    if (typing && event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      step.querySelector('[data-fail]')?.click();
    } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) press(event, step);
  }, true);
  document.addEventListener('submit', (event) => {
    judged = event.target.closest('[data-judged]')?.id ?? '';
  }, true);
  document.addEventListener('htmx:after:swap', goOn);
}

function press(event, step) {
  const target = { p: '[data-pass]', f: 'textarea[name=why]' }[event.key.toLowerCase()];
  const found = target && step.querySelector(target);
  if (!found || (event.key.toLowerCase() === 'p' && found.closest('details:not([open])'))) return; // judged: no slip
  event.preventDefault();
  if (event.key.toLowerCase() === 'p') found.click();
  else {
    const more = found.closest('details');
    if (more) more.open = true;
    found.focus();
  }
}

function goOn() {
  const step = judged && document.getElementById(judged);
  judged = '';
  if (!step) return;
  if (step.querySelector('[aria-invalid]')) step.querySelector('[aria-invalid]').focus();
  else (nextAfter(step)?.querySelector('.gd-subj, [data-pass]') ?? document.querySelector('[data-following]') ?? step.querySelector('.gd-subj, [data-pass]'))?.focus();
}

function nextAfter(step) {
  for (let next = step.nextElementSibling; next; next = next.nextElementSibling) {
    if (next.querySelector('[data-pass]') && !next.querySelector('details [data-pass]')) return next;
  }
  return null;
}
