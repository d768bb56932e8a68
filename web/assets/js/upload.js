// The upload of ticket types: “Only check” and “Try” bring their report into the page, so that the files stay chosen and can be
// published next. A browser does not send a file that has changed since it was chosen: that is said in words.
export function wireUpload() {
  document.addEventListener('submit', hold, { capture: true }); // before forms.js takes it for sent
  document.addEventListener('change', (event) => {
    const form = event.target.closest?.('[data-upload]');
    if (form) say(form, '');
  });
}

function hold(event) {
  const form = event.target;
  if (!form.matches('[data-upload]') || form.hasAttribute('data-whole')) return;
  event.preventDefault();
  send(form, event.submitter);
}

async function send(form, button) {
  if (form.hasAttribute('aria-busy')) return;
  form.setAttribute('aria-busy', 'true');
  button?.setAttribute('aria-busy', 'true');
  say(form, '');
  try {
    if (!(await areWhole(form))) return forget(form);
    if (button?.name) await check(form, button);
    else publish(form, button);
  } finally {
    form.removeAttribute('aria-busy');
    button?.removeAttribute('aria-busy');
  }
}

/** The page goes where the answer leads, as without this script. */
function publish(form, button) {
  form.setAttribute('data-whole', '');
  form.requestSubmit(button);
  form.removeAttribute('data-whole');
}

async function check(form, button) {
  say(form, button.dataset.says ?? '');
  try {
    const body = new FormData(form);
    body.append(button.name, button.value);
    const response = await fetch(form.action, { method: 'POST', body });
    if (response.redirected) return location.assign(response.url);
    const answer = new DOMParser().parseFromString(await response.text(), 'text/html');
    const found = answer.querySelector(form.dataset.upload);
    if (!found) throw new Error(response.status);
    document.querySelector(form.dataset.upload).replaceWith(found);
    say(form, '');
    document.dispatchEvent(new Event('htmx:after:swap'));
    found.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  } catch {
    say(form, form.dataset.failed);
  }
}

async function areWhole(form) {
  const files = [...form.querySelectorAll('input[type=file]')].flatMap((input) => [...input.files]);
  try {
    await Promise.all(files.map((file) => file.slice(0, 1).arrayBuffer()));
    return true;
  } catch {
    return false;
  }
}

function forget(form) {
  for (const input of form.querySelectorAll('input[type=file]')) input.value = '';
  say(form, form.dataset.changed);
  form.querySelector('input[type=file]').focus();
}

function say(form, text) {
  form.querySelector('[data-upload-says]').textContent = text;
}
