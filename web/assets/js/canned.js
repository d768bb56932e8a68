// A canned reply is put where one writes; without script its link fills the composer anew.
export function wireCanned() {
  document.addEventListener('click', (event) => {
    const chosen = event.target.closest('[data-insert]');
    const field = chosen?.closest('form')?.querySelector('textarea');
    if (!field) return;
    event.preventDefault();
    field.setRangeText(chosen.dataset.insert, field.selectionStart, field.selectionEnd, 'end');
    chosen.closest('details').open = false;
    field.focus();
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
}
