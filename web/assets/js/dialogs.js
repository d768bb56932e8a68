// One dialog for a page's forms: a [data-dialog] link fetches its form by htmx into #dialog-body, which then opens.
// Without this script the same link leads to the form as a page. [data-close-dialog] inside closes it. What is sent from
// it is answered with where to go (HX-Redirect) or with the form once more, which then stands in the dialog.
export function wireDialogs() {
  const dialog = document.querySelector('#dialog');
  if (!dialog) return;
  document.addEventListener('htmx:after:swap', () => {
    const body = document.querySelector('#dialog-body');
    if (body.childElementCount && !dialog.open) open(dialog);
  });
  dialog.addEventListener('click', (event) => {
    const close = event.target.closest('[data-close-dialog]');
    if (close) event.preventDefault();
    if (close || event.target === dialog) dialog.close();
  });
  dialog.addEventListener('submit', (event) => {
    if (event.target.method !== 'post') return;
    event.preventDefault();
    if (!event.target.hasAttribute('data-sent')) send(event.target, event.submitter);
  });
  dialog.addEventListener('close', () => document.querySelector('#dialog-body').replaceChildren());
}

function open(dialog) {
  for (const menu of document.querySelectorAll('details.gd-menu[open]')) menu.open = false;
  dialog.showModal();
  focusFirst(dialog);
}

function focusFirst(dialog) {
  const invalid = dialog.querySelector('.is-invalid');
  (invalid ?? dialog.querySelector(FIELD) ?? dialog.querySelector('button'))?.focus();
}

const FIELD = 'input[type=radio]:checked, input:not([type=hidden], [type=radio]), textarea, select, input[type=radio]';

async function send(form, button) {
  form.setAttribute('data-sent', '');
  const headers = { 'HX-Request': 'true', 'HX-Target': 'dialog-body' };
  const body = new FormData(form, button);
  const address = button?.getAttribute('formaction') ?? form.getAttribute('action');
  const answer = await fetch(address, { method: 'POST', body, headers }).catch(() => null);
  form.removeAttribute('data-sent');
  const next = answer?.headers.get('HX-Redirect');
  if (next) location.assign(next);
  else if (answer?.status === 409 || answer?.status === 422) again(await answer.text());
  else form.submit(); // offline, or refused for good: the browser says so
}

function again(html) {
  const body = document.querySelector('#dialog-body');
  body.innerHTML = html;
  window.htmx?.process(body);
  focusFirst(body.closest('dialog'));
}
