// Toasts go when dismissed, or after a while that stops while one points at them or has the focus inside.
const SHOWN_FOR = 6000;

export function wireToasts() {
  document.addEventListener('click', (event) => {
    event.target.closest('[data-dismiss]')?.closest('[data-toast]')?.remove();
  });
  for (const toast of document.querySelectorAll('[data-toast]')) {
    const leave = () => (toast.matches(':hover, :focus-within') ? setTimeout(leave, 1000) : toast.remove());
    setTimeout(leave, SHOWN_FOR);
  }
}
