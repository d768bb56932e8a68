// Owns the whole window for one drawing: its card goes into a dialog, and back where it stood.

/** Opens the window, or closes it again: the button is in the card itself. */
export function enlarge(element, button) {
  const open = element.closest('dialog');
  if (open) return open.close();
  const card = element.closest('[data-diagram]');
  const window = document.createElement('dialog');
  window.className = 'gd-diagram-window';
  window.setAttribute('aria-labelledby', card.getAttribute('aria-labelledby') ?? '');
  card.replaceWith(window);
  window.append(card);
  const words = said(button);
  window.addEventListener('close', () => {
    window.replaceWith(card); // a page that was drawn anew meanwhile has taken both away
    say(button, words);
    button.focus();
  });
  window.showModal();
  say(button, button.dataset.lessText || words);
  button.focus();
}

const said = (button) => button.getAttribute('aria-label');

function say(button, words) {
  button.setAttribute('aria-label', words);
  button.title = words;
}
