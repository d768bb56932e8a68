// One dialog for a page's forms: a [data-dialog] link fetches its form by htmx into #dialog-body, which then opens.
// Without this script the same link leads to the form as a page. [data-close-dialog] inside closes it.
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
  dialog.addEventListener('close', () => document.querySelector('#dialog-body').replaceChildren());
}

function open(dialog) {
  for (const menu of document.querySelectorAll('details.gd-menu[open]')) menu.open = false;
  dialog.showModal();
  dialog.querySelector('input:not([type=hidden]), textarea, select, button')?.focus();
}
