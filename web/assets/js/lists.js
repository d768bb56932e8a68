// The ticket list: its links and forms swap the list alone and put their address into the window's, so that going back
// works as ever; rows are selected by their boxes, by X, with Shift up to the one before, and all at once.
// Without this script links, forms and boxes do the same by loading pages.
export function wireLists() {
  if (!document.querySelector('[data-list], [data-bulk]')) return;
  document.addEventListener('click', follow);
  document.addEventListener('submit', ask);
  window.addEventListener('popstate', goBack);
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-all]')) chooseAll(event.target.checked);
    if (event.target.matches('[data-bulk] [name=number]')) refresh();
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-bulk-clear]')) chooseAll(false);
    if (event.target.matches('[data-bulk] [name=number]')) mark(event.target, event.shiftKey);
  });
  document.addEventListener('htmx:after:swap', refresh);
  window.addEventListener('pageshow', refresh);
  refresh();
}

/** Selects or frees the row that has the focus or the first one; `onwards`: all from the one chosen before. */
export function toggleRow(onwards) {
  const boxes = boxesOf();
  if (!boxes.length) return false;
  const row = document.activeElement.closest('[data-rows] tr');
  const box = row?.querySelector('[name=number]') ?? boxes[0];
  box.checked = !box.checked;
  mark(box, onwards);
  refresh();
  return true;
}

function follow(event) {
  const link = event.target.closest('a[data-list-link]');
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.href);
}

function ask(event) {
  const form = event.target;
  if (!form.matches('[data-list-form]') || !document.querySelector('[data-list]')) return;
  const sent = [...new FormData(form)].filter(([, value]) => value !== '');
  if (sent.some(([name]) => name.endsWith('_is'))) return; // names become ids on the server, which then leads on
  event.preventDefault();
  const columns = sent.filter(([name]) => name === 'cols').map(([, value]) => value);
  const rest = new URLSearchParams(sent.filter(([name]) => name !== 'cols'));
  if (columns.length) rest.set('cols', columns.join(','));
  if (![...rest].length) rest.set('view', 'all');
  form.closest('dialog')?.close();
  go(`${form.action}?${rest}`);
}

const asked = () => location.pathname + location.search;
let shown = asked();

function go(address) {
  history.pushState(null, '', address);
  shown = asked();
  show(address);
}

// To go to a part of the page, as one skips the menus, is such an event as well: then the list is there already.
function goBack() {
  if (asked() === shown || !document.querySelector('#list')) return;
  shown = asked();
  show(location.href);
}

async function show(address) {
  await htmx.ajax('GET', address, { target: '#list', select: '#list', swap: 'outerHTML' });
  const heading = document.querySelector('#list-count');
  const told = document.querySelector('[data-count]');
  if (heading && told) heading.textContent = told.dataset.count;
}

const boxesOf = () => [...document.querySelectorAll('[data-bulk] [name=number]')];
let last = null;

function mark(box, onwards) {
  const boxes = boxesOf();
  const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((one, other) => one - other);
  if (onwards && from >= 0) for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
  last = box;
  refresh();
}

function chooseAll(checked) {
  for (const box of boxesOf()) box.checked = checked;
  refresh();
}

function refresh() {
  const form = document.querySelector('[data-bulk]');
  const bar = form?.querySelector('[data-bulk-bar]');
  if (!bar) return;
  const boxes = boxesOf();
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest('tr').classList.toggle('sel', box.checked);
  const all = form.querySelector('[data-all]');
  all.checked = chosen.length > 0 && chosen.length === boxes.length;
  all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  bar.hidden = !chosen.length;
  form.toggleAttribute('data-dirty', chosen.length > 0); // a live list waits meanwhile
  const count = bar.querySelector('[data-bulk-count]');
  count.textContent = count.dataset.text.replace('#', chosen.length);
}
