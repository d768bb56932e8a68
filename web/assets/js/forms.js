// Forms: sent once however often one clicks; a button that can't be used yet says why and does nothing;
// chosen files are named; the summary of what needs mending gets the focus. Once it is sent, what htmx would still ask
// from within it (a draft, the form as it answers) is not asked any more.
export function wireForms() {
  document.addEventListener('submit', guard);
  document.addEventListener('htmx:before:request', (event) => {
    if (event.target.closest?.('form[data-sent]')) event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest('[aria-disabled=true]')) event.preventDefault();
  });
  document.addEventListener('input', (event) => event.target.form?.setAttribute('data-dirty', ''));
  document.addEventListener('change', (event) => {
    if (event.target.matches('input[type=file][data-names]')) nameFiles(event.target);
  });
  document.addEventListener('htmx:after:swap', () => {
    for (const input of document.querySelectorAll('input[type=file][data-names]')) if (input.files.length) nameFiles(input);
  });
  window.addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach(release));
  document.querySelector('[data-error-summary]')?.focus();
}

function guard(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  const button = event.submitter?.value ?? '';
  // A download leaves the page as it is, and the other format may be wanted next.
  const download = form.hasAttribute('data-download');
  if (form.hasAttribute('data-sent') && !(download && form.dataset.sent !== button)) event.preventDefault();
  form.dataset.sent = button;
  for (const asking of form.querySelectorAll('[hx-put], [hx-post]')) asking.dispatchEvent(new Event('htmx:abort'));
  setTimeout(() => release(form), download ? 1000 : 10000); // or the answer never came
}

const release = (form) => form.removeAttribute('data-sent');

/** Says which files go along, where the browser says only how many; data-names is the id of the place for it. */
function nameFiles(input) {
  const names = input.files.length > 1 || !input.matches('.form-control') ? [...input.files].map((file) => file.name) : [];
  document.getElementById(input.dataset.names).textContent = names.join('、');
}
