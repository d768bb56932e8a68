// What is typed into a form[data-kept] stays in this browser until it has been sent: whoever leaves the page, is signed out
// or changes the language finds it again. The attribute's value says whose it is and of which form; files and what a browser
// may not remember (autocomplete=off) aren't kept, and signing out forgets everything.
const PREFIX = 'gongdan.kept.';
const LONGEST = 7 * 24 * 3600 * 1000;

export function wireKept() {
  const forms = [...document.querySelectorAll('form[data-kept]')];
  const away = document.querySelector('form[data-address]'); // refused: to load this address anew would be no page
  if (away) history.replaceState(null, '', away.dataset.address);
  settle(forms);
  for (const form of forms) {
    if (form.hasAttribute('data-refused')) keep(form);
    else restore(form);
  }
  document.addEventListener('input', later);
  document.addEventListener('change', later);
  addEventListener('pagehide', () => waiting && keep(waiting));
  document.addEventListener('submit', (event) => {
    if (event.target.hasAttribute('data-forgets')) stopWaiting(), stopAsking(), all().forEach(([key]) => localStorage.removeItem(key));
    else if (event.target.matches('form[data-kept]') && !event.defaultPrevented) keep(event.target, true);
  });
  document.addEventListener('click', (event) => {
    const form = event.target.closest?.('[data-kept-drop]')?.closest('form');
    if (!form) return;
    stopWaiting();
    localStorage.removeItem(PREFIX + form.dataset.kept);
    if (event.target.closest('a')) return;
    form.reset();
    location.reload();
  });
}

/** Whether this page has a form of which something typed is kept. */
export const keepsSomething = () => [...document.querySelectorAll('form[data-kept]')].some((form) => read(PREFIX + form.dataset.kept));

/** What was sent has arrived, unless this is a page that says it hasn't, or the form again that leads on when it has. */
function settle(forms) {
  const unsent = document.querySelector('[data-unsent]');
  const again = new Set(forms.filter((form) => 'keptLeadsOn' in form.dataset).map((form) => PREFIX + form.dataset.kept));
  for (const [key, { sent, at }] of all()) {
    if (Date.now() - at > LONGEST || (sent && !unsent && !again.has(key))) localStorage.removeItem(key);
    else if (sent) write(key, { ...read(key), sent: false });
  }
}

let timer;
let waiting;

function later(event) {
  const form = event.target.form;
  if (!form?.matches('[data-kept]')) return;
  clearTimeout(timer);
  waiting = form;
  timer = setTimeout(() => keep(form), 250);
}

function stopWaiting() {
  clearTimeout(timer);
  waiting = undefined;
}

/** Who signs out is led nowhere else by what the page was still asking. */
function stopAsking() {
  document.addEventListener('htmx:before:request', (event) => event.preventDefault());
  for (const asking of document.querySelectorAll('[hx-get], [hx-post], [hx-put]')) asking.dispatchEvent(new Event('htmx:abort'));
}

function keep(form, sent = false) {
  stopWaiting();
  const files = [...form.querySelectorAll('input[type=file]')].some((input) => input.files.length);
  write(PREFIX + form.dataset.kept, { at: Date.now(), sent, files, values: valuesOf(form) });
}

/** The names and values that a person has given, in the form's order. */
function valuesOf(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && !unkept(form, name));
}

function unkept(form, name) {
  return name === 'csrf_token' || name.startsWith('_') || form.querySelector(`[name="${CSS.escape(name)}"]`)?.autocomplete === 'off';
}

function restore(form) {
  const kept = read(PREFIX + form.dataset.kept);
  if (!kept || JSON.stringify(kept.values) === JSON.stringify(valuesOf(form))) return;
  fill(form, kept.values);
  form.setAttribute('data-dirty', '');
  form.closest('details')?.setAttribute('open', '');
  const note = form.querySelector('[data-kept-note]');
  if (!note) return;
  note.hidden = false;
  note.querySelector('[data-kept-files]').hidden = !kept.files;
}

/** What has no field yet goes along hidden: the form is asked anew, and the answer has the fields that belong to it. */
function fill(form, values) {
  const names = new Set(values.map(([name]) => name));
  const fields = form.querySelector('[hx-post].gd-fields');
  for (const name of names) {
    const given = values.filter(([each]) => each === name).map(([, value]) => value);
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) put(field, given);
    if (fields && !name.startsWith(':')) for (const value of given) fields.append(hidden(name, value));
  }
  for (const place of form.querySelectorAll('[data-kept-choice]')) askAgain(place, values);
  if (fields) setTimeout(() => fields.dispatchEvent(new Event('change', { bubbles: true })));
}

/** What was chosen among what a search had found is not on the page any more; it is asked for by itself. */
function askAgain(place, values) {
  const chosen = values.find(([name]) => name === place.dataset.keptChoice);
  if (!chosen || place.querySelector(':checked')) return;
  const address = new URL(place.dataset.keptAsks, location.href);
  address.searchParams.set(...chosen);
  htmx.ajax('GET', address.pathname + address.search, { target: place });
}

/** Puts into one field what is its own of the `given` values, and takes that out of them. */
function put(field, given) {
  if (field.type === 'file' || field.tagName === 'BUTTON') return;
  if (field.type === 'checkbox' || field.type === 'radio') {
    field.checked = given.includes(field.value);
    if (field.checked) given.splice(given.indexOf(field.value), 1);
  } else if (field.type === 'hidden') {
    if (given.includes(field.value)) given.splice(given.indexOf(field.value), 1);
  } else if (given.length > 0) {
    field.value = given.shift();
  }
}

function hidden(name, value) {
  const field = document.createElement('input');
  return Object.assign(field, { type: 'hidden', name, value });
}

function all() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => [key, read(key) ?? { at: 0 }]);
  } catch {
    return []; // a browser that keeps nothing
  }
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, what) {
  try {
    localStorage.setItem(key, JSON.stringify(what));
  } catch {
    // A browser that keeps nothing, or has no room left.
  }
}
