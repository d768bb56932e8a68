// Photos in forms: each is sent as soon as it is taken, shown small with its progress, and can be taken off again.
// The form then carries their ids; without this script the browser sends the files with the form.
// The form is asked anew meanwhile, and an answer may not know yet what was sent or taken off since: `unseen` puts the one
// back, `gone` takes the other off again; `underway` has what is still being sent, and a form that is pressed waits for it.
const unseen = new Map();
const gone = new Set();
const underway = new Set();
const waitingAt = new Map();
const pressed = new WeakSet();

export function wirePhotos() {
  prepare(document);
  document.addEventListener('htmx:after:swap', () => {
    prepare(document);
    putBack();
    takeOff();
    showWaiting();
  });
  document.addEventListener('submit', (event) => {
    if (!underway.size || !event.target.querySelector('[data-photos]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    sendAfter(event.target, event.submitter);
  }, true);
  document.addEventListener('change', (event) => {
    const box = event.target.closest?.('[data-photos]');
    if (box && event.target.type === 'file') {
      event.stopPropagation(); // the form is asked anew once they are there
      sendAll(box, event.target);
    }
  }, true);
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-attached] :is([data-photo-off], [name=_drop])');
    const field = button?.closest('.gd-field');
    if (!field?.querySelector('[data-photos]')) return;
    event.preventDefault();
    event.stopPropagation(); // what is about to be asked could take the place of a request of the button's own
    const id = button.parentElement.querySelector('input').value;
    unseen.delete(id);
    gone.add(id);
    button.closest('li').remove();
    changed(field);
  }, true);
}

function prepare(root) {
  for (const box of root.querySelectorAll('[data-photos]')) {
    box.querySelector('input[type=file]').classList.add('visually-hidden');
    box.querySelector('.gd-photo-button').hidden = false;
  }
}

async function sendAll(box, input) {
  const files = [...input.files];
  const key = input.id;
  input.value = '';
  // All are under way from the first on, so that whoever presses in between waits for the last, too.
  const one = inTurn(files, key);
  underway.add(one);
  await one;
  underway.delete(one);
}

async function inTurn(files, key) {
  let fine = true;
  for (const file of files) fine = await sendOne(boxOf(key), file, key) && fine;
  return fine;
}

/** The form goes once all photos are there; where one could not be sent it stays, with the reason beside the field. */
async function sendAfter(form, button) {
  if (pressed.has(form)) return;
  pressed.add(form);
  button?.setAttribute('aria-busy', 'true');
  const sent = await Promise.all(underway);
  button?.removeAttribute('aria-busy');
  pressed.delete(form);
  if (form.isConnected && sent.every(Boolean)) form.requestSubmit(button?.isConnected ? button : undefined);
}

function boxOf(key) {
  return document.getElementById(key)?.closest('[data-photos]');
}

async function sendOne(box, file, key) {
  if (!box) return false;
  const says = box.querySelector('[data-photo-says]');
  if (listOf(box).querySelectorAll('input').length >= Number(box.dataset.most)) {
    says.textContent = box.dataset.full;
    return false;
  }
  const item = waiting(listOf(box), file);
  waitingAt.set(item, key);
  says.textContent = box.dataset.busy.replace('%s', file.name);
  try {
    const stored = await post(box, file, (part) => item.querySelector('progress')?.setAttribute('value', part));
    unseen.set(stored.id, { key, stored });
    gone.delete(stored.id);
    clear(item);
    add(key, stored);
    tell(key, '');
    return true;
  } catch (error) {
    clear(item);
    tell(key, error.message || box.dataset.failed);
    return false;
  }
}

/** An answer that came meanwhile took what is being sent out of the list: it is shown there again. */
function showWaiting() {
  for (const [item, key] of waitingAt) {
    const box = !item.isConnected && boxOf(key);
    if (!box) continue;
    listOf(box).append(item);
    listOf(box).hidden = false;
  }
}

/** An answer's morph may have made the waiting item into one that is there: then it stays. */
function clear(item) {
  waitingAt.delete(item);
  if (item.querySelector('progress')) item.remove();
}

function add(key, stored) {
  const box = boxOf(key);
  if (!box) return;
  const list = listOf(box);
  const item = document.createElement('li');
  item.className = 'gd-shot';
  fill(item, box, stored);
  list.append(item);
  list.hidden = false;
  changed(box.closest('.gd-field'));
}

/** What was sent while the form was being asked is shown again, unless the answer has it already. */
function putBack() {
  for (const [id, { key, stored }] of unseen) {
    const box = boxOf(key);
    if (!box) continue;
    const shown = [...listOf(box).querySelectorAll('input')].find((input) => input.value === id);
    if (!shown) add(key, stored);
    else if (!shown.parentElement.querySelector('[data-photo-off]')) unseen.delete(id);
  }
}

/** An answer to what was asked before it was taken off shows a photo once more. */
function takeOff() {
  for (const input of document.querySelectorAll('[data-attached] input')) {
    if (!gone.has(input.value)) continue;
    const field = input.closest('.gd-field');
    input.closest('li').remove();
    changed(field);
  }
}

function tell(key, words) {
  const box = boxOf(key);
  if (!box) return;
  box.querySelector('[data-photo-says]').textContent = words;
  const list = listOf(box);
  list.hidden = list.children.length === 0;
}

function listOf(box) {
  return box.closest('.gd-field').querySelector('[data-attached]') ?? madeList(box);
}

function madeList(box) {
  const list = document.createElement('ul');
  list.className = 'gd-row wrap list-unstyled mb-2';
  list.dataset.attached = '';
  box.before(list);
  return list;
}

function waiting(list, file) {
  const item = document.createElement('li');
  item.className = 'gd-shot';
  const progress = document.createElement('progress');
  progress.max = 1;
  progress.setAttribute('aria-label', file.name);
  item.append(progress);
  list.append(item);
  list.hidden = false;
  return item;
}

/** What the server answered, or an error with its words. */
function post(box, file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', box.dataset.photos);
    request.setRequestHeader('X-CSRFToken', box.closest('form').elements.csrf_token.value);
    request.responseType = 'json';
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    });
    request.addEventListener('load', () => {
      if (request.status === 201) resolve(request.response);
      else reject(new Error(request.response?.error ?? ''));
    });
    request.addEventListener('error', () => reject(new Error('')));
    const body = new FormData();
    body.append('file', file, file.name || 'photo.jpg');
    request.send(body);
  });
}

function fill(item, box, stored) {
  const kept = document.createElement('input');
  kept.type = 'hidden';
  kept.name = `${box.dataset.name}:kept`;
  kept.value = stored.id;
  const off = document.createElement('button');
  off.type = 'button';
  off.className = 'btn btn-quiet btn-icon btn-sm';
  off.dataset.photoOff = '';
  off.setAttribute('aria-label', box.dataset.off.replace('%s', stored.name));
  off.textContent = '\u00d7';
  item.replaceChildren(shown(stored), kept, off);
}

function shown(stored) {
  if (!stored.thumbnail) {
    const name = document.createElement('span');
    name.className = 'gd-trunc';
    name.textContent = stored.name;
    return name;
  }
  const image = document.createElement('img');
  image.src = stored.thumbnail;
  image.alt = stored.name;
  image.width = 96;
  image.height = 96;
  return image;
}

/** Drafts and what depends on the field follow. */
function changed(field) {
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.closest('form')?.setAttribute('data-dirty', '');
}
