// A row of a list opens by a click anywhere in it, as its title (a.gd-subj) does: with Control, Command, Shift or the middle
// button in a tab or window of its own. What has a use of its own in the row keeps it, and so does text that one selects.
const ROWS = '.gd-t tbody tr, .gd-mine, .gd-list > li.gd-row';
const OWN = 'a, button, input, select, textarea, label, summary, details, dialog, [contenteditable], td:has(> input)';

export function wireRows() {
  document.addEventListener('click', (event) => {
    const link = linkOf(event);
    if (!link || !getSelection().isCollapsed) return;
    const { ctrlKey, metaKey, shiftKey } = event;
    link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
  });
  document.addEventListener('mousedown', (event) => {
    if (event.button === 1 && linkOf(event)) event.preventDefault(); // or the page would scroll by the mouse
  });
  document.addEventListener('auxclick', (event) => {
    const link = event.button === 1 && linkOf(event);
    if (link) window.open(link.href, '_blank', 'noopener');
  });
}

function linkOf(event) {
  if (event.defaultPrevented || event.target.closest(OWN)) return null;
  return event.target.closest(ROWS)?.querySelector('a.gd-subj');
}
