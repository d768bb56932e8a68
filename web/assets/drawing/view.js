// Owns which part of a drawing one sees, how it is moved, and that one sees that there is more of it.

const MIN_SCALE = 0.7; // smaller, and a name can no longer be read
const MARGIN = 24;
const EDGE = 4;

/** The shape or flow of that id; the process itself has no place in its drawing. */
export function placed(registry, id) {
  const shape = registry.get(id);
  return shape && (shape.width || shape.waypoints) ? shape : undefined;
}

/** All of it where that can be read; else as small as it can be, from where one begins to read. */
export function fitView(canvas, begins) {
  const { width, height } = canvas.getSize();
  if (!width || !height) return; // in a closed tab; the observer calls again when it opens
  canvas.resized();
  const fitted = canvas.zoom('fit-viewport', 'auto') * 0.95; // a margin, so that no line touches the edge
  canvas.zoom(Math.min(1, Math.max(MIN_SCALE, fitted)), 'auto');
  if (fitted < MIN_SCALE && begins) show(canvas, begins, width, height);
}

/** Puts the drawing's corner into the panel's, then moves on as far as `shape` needs it, and to its middle in height. */
function show(canvas, shape, width, height) {
  const { inner, scale } = canvas.viewbox();
  const seen = { width: width / scale, height: height / scale };
  const box = shape.waypoints ? canvas.getGraphics(shape).getBBox() : shape; // a flow has no place of its own
  const x = within(box.x + box.width / 2 - seen.width / 2, inner.x, inner.width, seen.width);
  const y = within(box.y + box.height / 2 - seen.height / 2, inner.y, inner.height, seen.height);
  canvas.viewbox({ x, y, ...seen });
}

/** Where to begin on one axis: near `wanted`, without showing nothing beyond the drawing; in the middle if it all fits. */
function within(wanted, from, length, seen) {
  if (length + 2 * MARGIN <= seen) return from + length / 2 - seen / 2;
  return Math.max(from - MARGIN, Math.min(wanted, from + length + MARGIN - seen));
}

/** The panel says by data-more="left right" on which sides the drawing goes on. */
export function tellMore(element, viewer) {
  viewer.on('canvas.viewbox.changed', ({ viewbox: { x, y, width, height, inner } }) => {
    const beyond = {
      left: inner.x < x - EDGE,
      right: inner.x + inner.width > x + width + EDGE,
      top: inner.y < y - EDGE,
      bottom: inner.y + inner.height > y + height + EDGE,
    };
    element.dataset.more = Object.keys(beyond).filter((side) => beyond[side]).join(' ');
  });
}

/** A finger moves the drawing sideways; up and down it scrolls the page (touch-action in diagram.css). */
export function panByTouch(element, canvas) {
  let last = null;
  element.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'touch') last = event;
  });
  element.addEventListener('pointermove', (event) => {
    if (event.pointerId !== last?.pointerId) return;
    const dy = element.closest('dialog') ? event.clientY - last.clientY : 0; // there is no page to scroll behind it
    canvas.scroll({ dx: event.clientX - last.clientX, dy });
    last = event;
  });
  for (const type of ['pointerup', 'pointercancel']) {
    element.addEventListener(type, () => {
      last = null;
    });
  }
}

/** A wheel that is turned sideways, or with Shift, moves the drawing; in a window of its own each does. */
export function panByWheel(element, canvas) {
  const turned = (event) => {
    const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey || !(sideways || element.closest('dialog'))) return;
    event.preventDefault();
    canvas.scroll(sideways ? { dx: -(event.deltaX || event.deltaY), dy: 0 } : { dx: 0, dy: -event.deltaY });
  };
  element.addEventListener('wheel', turned, { passive: false });
}
