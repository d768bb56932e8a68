// Owns what a report says of a drawing: its numbers at the elements, and the way from a row to what it is about.
import { placed } from './view.js';

/** data-numbers='{"Task_1": "2 · 5"}': the rows of the report that are about an element. */
export function numberFound(element, viewer) {
  const registry = viewer.get('elementRegistry');
  for (const [id, text] of Object.entries(JSON.parse(element.dataset.numbers || '{}'))) {
    const shape = placed(registry, id);
    if (shape) viewer.get('overlays').add(shape, 'found', { position: { top: -11, left: -9 }, html: badge(text, shape) });
  }
}

function badge(text, shape) {
  const made = document.createElement('span');
  made.className = 'gd-found-no';
  made.textContent = text;
  made.title = shape.businessObject?.name || shape.id;
  return made;
}

/** Buttons with data-show="Task_1" anywhere on the page, hidden where nothing of that id is drawn, lead to it. */
export function wireShown(element, viewer, onTop) {
  const registry = viewer.get('elementRegistry');
  for (const button of document.querySelectorAll('[data-show]')) {
    const shape = placed(registry, button.dataset.show);
    if (!shape) continue;
    button.hidden = false;
    button.addEventListener('click', () => show(element, viewer, onTop(shape)));
  }
}

function show(element, viewer, shape) {
  const canvas = viewer.get('canvas');
  viewer.get('elementRegistry').forEach((each) => canvas.removeMarker(each, 'gd-shown'));
  canvas.addMarker(shape, 'gd-shown');
  element.scrollIntoView({ block: 'center' });
  canvas.scrollToElement(shape, 60);
}
