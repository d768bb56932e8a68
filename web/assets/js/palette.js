// The palette: Control (or Command) and K opens it anywhere; what one types is asked of the server; arrows choose,
// Enter goes there. Without this script its button leads to the same as a page.
const WAIT = 150;

export function wirePalette() {
  const dialog = document.querySelector('#palette');
  if (!dialog) return;
  const field = dialog.querySelector('input');
  let timer;
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    open(dialog);
  });
  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-palette-open]') || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open(dialog);
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => fill(dialog), WAIT);
  });
  field.addEventListener('keydown', (event) => choose(dialog, event));
}

function open(dialog) {
  if (dialog.open) return;
  dialog.querySelector('input').value = '';
  dialog.showModal();
  fill(dialog);
}

async function fill(dialog) {
  const field = dialog.querySelector('input');
  const typed = field.value;
  const address = `${dialog.dataset.src}?${new URLSearchParams({ q: typed })}`;
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, redirect: 'error' }).catch(() => null);
  if (answer?.status !== 200 || field.value !== typed) return; // offline, or typed on meanwhile
  dialog.querySelector('#palette-found').innerHTML = await answer.text();
  waysOf(dialog).forEach((way, at) => (way.id = `way-to-${at}`));
  point(dialog, 0);
}

function choose(dialog, event) {
  const ways = waysOf(dialog);
  const at = ways.findIndex((way) => way.classList.contains('on'));
  if (event.key === 'ArrowDown') point(dialog, Math.min(at + 1, ways.length - 1));
  else if (event.key === 'ArrowUp') point(dialog, Math.max(at - 1, 0));
  else if (event.key === 'Enter' && ways[at]) ways[at].click();
  else return;
  event.preventDefault();
}

function point(dialog, at) {
  const ways = waysOf(dialog);
  ways.forEach((way, place) => way.classList.toggle('on', place === at));
  ways[at]?.scrollIntoView({ block: 'nearest' });
  dialog.querySelector('input').setAttribute('aria-activedescendant', ways[at]?.id ?? '');
}

const waysOf = (dialog) => [...dialog.querySelectorAll('[data-way]')];
