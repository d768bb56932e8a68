// Toasts go when dismissed, or after a while that stops while one points at them or has the focus inside. They stand
// above what is at the window's lower edge: a bar to save, what is done with the selected, a phone's keyboard.
const SHOWN_FOR = 6000;
const BARS = '.gd-savebar, .gd-bulk, .gd-tour';
const EDGE = 24;

export function wireToasts() {
  document.addEventListener('click', (event) => {
    event.target.closest('[data-dismiss]')?.closest('[data-toast]')?.remove();
  });
  for (const toast of document.querySelectorAll('[data-toast]')) {
    const leave = () => (toast.matches(':hover, :focus-within') ? setTimeout(leave, 1000) : toast.remove());
    setTimeout(leave, SHOWN_FOR);
  }
  lift();
  for (const type of ['scroll', 'resize', 'change']) addEventListener(type, () => requestAnimationFrame(lift), { passive: true });
  for (const type of ['scroll', 'resize']) visualViewport?.addEventListener(type, lift);
}

/** Shows what a <template> of the page says, until it is dismissed. */
export function toast(template) {
  document.getElementById('toasts').append(template.content.cloneNode(true));
  lift();
}

function lift() {
  const place = document.getElementById('toasts');
  if (!place?.children.length) return;
  const end = visualViewport ? visualViewport.offsetTop + visualViewport.height : innerHeight;
  const { left, right } = place.getBoundingClientRect();
  const below = ({ top, bottom, ...box }) => top < end && bottom > end - EDGE && box.left < right && box.right > left;
  const tops = [...document.querySelectorAll(BARS)].map((bar) => bar.getBoundingClientRect().toJSON()).filter(below).map(({ top }) => top);
  place.style.setProperty('--gd-lift', `${Math.max(0, innerHeight - Math.min(end, ...tops))}px`);
}
