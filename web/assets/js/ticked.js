// A form with ticked rows ([data-ticked]): the box in the head ticks all, the bar says how many, ticked rows are tinted.
export function wireTicked() {
  for (const form of document.querySelectorAll('[data-ticked]')) {
    form.addEventListener('change', (event) => {
      if (event.target.matches('[data-tick-all]')) for (const box of boxes(form)) box.checked = event.target.checked;
      count(form);
    });
    count(form);
  }
}

const boxes = (form) => form.querySelectorAll('tbody input[type=checkbox]');

function count(form) {
  const all = [...boxes(form)];
  const ticked = all.filter((box) => box.checked);
  for (const box of all) box.closest('tr').classList.toggle('sel', box.checked);
  const text = form.querySelector('[data-tick-count]');
  text.textContent = text.dataset.text.replace('#', ticked.length);
  const head = form.querySelector('[data-tick-all]');
  head.checked = ticked.length > 0 && ticked.length === all.length;
  head.indeterminate = ticked.length > 0 && ticked.length < all.length;
}
