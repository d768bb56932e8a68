// The people picker: [data-pick] suggests whom the field may mean while one types (the address is its data-src).
// The field itself is what is sent, so without this script one types a name or login. In one for several
// (data-several) names stand with commas between them, and suggestions are for the last.
const WAIT = 180;

export function wirePickers() {
  let pressed = false; // what is pressed must not move away before it is clicked: a list closes only then
  document.addEventListener('pointerdown', () => (pressed = true), true);
  for (const type of ['pointerup', 'pointercancel']) document.addEventListener(type, () => (pressed = false), true);
  document.addEventListener('click', (event) => closeOthers(event.target));
  document.addEventListener('input', (event) => {
    const pick = pickOf(event.target);
    if (!pick) return;
    clearTimeout(pick.gdTimer);
    pick.gdTimer = setTimeout(() => suggest(pick), WAIT);
  });
  document.addEventListener('focusin', (event) => {
    const pick = pickOf(event.target);
    if (pick) prepare(pick);
    if (!pressed) closeOthers(event.target);
  });
  document.addEventListener('keydown', (event) => {
    const pick = pickOf(event.target);
    if (pick) keyed(pick, event);
  });
  document.addEventListener('mousedown', (event) => {
    const one = event.target.closest('.gd-pick-one');
    if (one) {
      event.preventDefault(); // the field keeps the focus
      take(one.closest('[data-pick]'), one);
    }
  });
}

const pickOf = (element) => (element.matches?.('[data-pick] input') ? element.closest('[data-pick]') : null);
const fieldOf = (pick) => pick.querySelector('input');
const boxOf = (pick) => pick.querySelector('.gd-pick-box');
const optionsOf = (pick) => [...boxOf(pick).querySelectorAll('.gd-pick-one')];

function closeOthers(element) {
  for (const other of document.querySelectorAll('[data-pick]')) if (!other.contains(element)) close(other);
}

function prepare(pick) {
  const field = fieldOf(pick);
  if (field.getAttribute('role') === 'combobox') return;
  field.removeAttribute('list');
  field.setAttribute('role', 'combobox');
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-controls', boxOf(pick).id);
  field.setAttribute('aria-expanded', 'false');
}

async function suggest(pick) {
  prepare(pick);
  const typed = parts(pick).at(-1).trim();
  const address = new URL(pick.dataset.src, location.href);
  address.searchParams.set('q', typed);
  const besides = pick.dataset.besides; // the field of whoever is left out; where it is empty or not there, we ourselves are
  if (besides) address.searchParams.set('besides', document.getElementById(besides)?.value ?? '');
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, redirect: 'error' }).catch(() => null);
  if (answer?.status !== 200 || parts(pick).at(-1).trim() !== typed) return; // offline, or typed on meanwhile
  const box = boxOf(pick);
  box.innerHTML = await answer.text();
  optionsOf(pick).forEach((option, place) => (option.id = `${box.id}-${place}`));
  box.hidden = false;
  fieldOf(pick).setAttribute('aria-expanded', 'true');
  point(pick, optionsOf(pick)[0]);
}

function keyed(pick, event) {
  const options = optionsOf(pick);
  const open = !boxOf(pick).hidden;
  const at = options.findIndex((option) => option.getAttribute('aria-selected') === 'true');
  if (event.key === 'ArrowDown' && !open) suggest(pick);
  else if (event.key === 'ArrowDown') point(pick, options[Math.min(at + 1, options.length - 1)]);
  else if (event.key === 'ArrowUp' && open) point(pick, options[Math.max(at - 1, 0)]);
  else if (event.key === 'Enter' && open && at >= 0) take(pick, options[at]);
  else if (event.key === 'Escape' && open) close(pick);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function point(pick, option) {
  for (const each of optionsOf(pick)) each.setAttribute('aria-selected', String(each === option));
  fieldOf(pick).setAttribute('aria-activedescendant', option?.id ?? '');
  option?.scrollIntoView({ block: 'nearest' });
}

function take(pick, option) {
  const field = fieldOf(pick);
  const before = 'several' in pick.dataset ? parts(pick).slice(0, -1).map((part) => part.trim()) : [];
  field.value = [...before, option.dataset.text].join(', ') + ('several' in pick.dataset ? ', ' : '');
  clearTimeout(pick.gdTimer);
  close(pick);
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

function close(pick) {
  if (boxOf(pick).hidden) return;
  boxOf(pick).hidden = true;
  fieldOf(pick).setAttribute('aria-expanded', 'false');
  fieldOf(pick).removeAttribute('aria-activedescendant');
}

const parts = (pick) => ('several' in pick.dataset ? fieldOf(pick).value.split(/[,，;；、]/) : [fieldOf(pick).value]);
