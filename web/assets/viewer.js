// Draws the diagrams of a page, with the path taken and the current steps marked.
//
// <div class="gd-diagram" data-bpmn-src="/…/diagram.bpmn" data-label="…" data-error-text="…" data-undrawn-text="…"
//      data-open-text="Open {element}"
//      data-done='["Triage"]' data-current='["Reply"]' data-incident='[]'
//      data-wrong='[]' data-numbers='{"Task_1": "2"}'></div>
// Or data-bpmn-xml="…", the drawing itself, where no address gives it.
// Buttons with data-way='["Start", "Gone"]' anywhere, hidden without this script, play that way back.
// Buttons with data-show="Task_1" anywhere, hidden without this script, lead to an element.
// Buttons with data-zoom="in|out|fit|large" inside the nearest [data-diagram] around it move the view; data-less-text
// is what the last one says while the drawing has the whole window.
// data-ready is "1" once it is drawn, "0" when it could not be.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './diagram.css';
import { leaveOutUnplaced } from './drawing/drawable.js';
import { numberFound, wireShown } from './drawing/found.js';
import { INK, inkForBoth } from './drawing/ink.js';
import { enlarge } from './drawing/large.js';
import { fitView, panByTouch, panByWheel, placed, tellMore } from './drawing/view.js';

const STATES = ['done', 'current', 'incident', 'wrong'];
const WHOLE = ['bpmn:Process', 'bpmn:Participant'];
const PLANE = /_plane$/; // bpmn-js appends this to a sub-process's id
const drawn = new WeakSet();

function drawAll() {
  for (const element of document.querySelectorAll('[data-bpmn-src], [data-bpmn-xml]')) {
    if (!drawn.has(element)) {
      drawn.add(element);
      draw(element).catch((error) => showError(element, error));
    }
  }
}

async function draw(element) {
  const xml = element.dataset.bpmnXml || (await fetched(element.dataset.bpmnSrc));
  const viewer = new NavigatedViewer({
    container: element,
    // The wheel belongs to the page; a diagram that took it would trap whoever scrolls past.
    zoomScroll: { enabled: false },
    bpmnRenderer: INK,
    additionalModules: [{ translate: ['value', (text, params) => worded(text, params, element.dataset)] }],
    textRenderer: { defaultStyle: { fontFamily: getComputedStyle(document.body).fontFamily } },
  });
  leaveOutUnplaced(viewer);
  inkForBoth(viewer);
  await viewer.importXML(xml);
  const canvas = viewer.get('canvas');
  const marked = mark(viewer, element.dataset);
  name(element);
  const begins = marked[0] ?? reached(viewer, element.dataset) ?? first(viewer.get('elementRegistry'), canvas.getRootElement());
  const fit = () => fitView(canvas, begins);
  new ResizeObserver(fit).observe(element);
  wireButtons(element, viewer, fit);
  wireWays(element, viewer);
  numberFound(element, viewer);
  wireShown(element, viewer, (shape) => onTop(shape, viewer.get('elementRegistry'), canvas));
  panByTouch(element, canvas);
  panByWheel(element, canvas);
  tellMore(element, viewer);
  fit();
  element.dataset.ready = '1';
}

async function fetched(address) {
  const response = await fetch(address, { headers: { Accept: 'application/xml' } });
  if (!response.ok) throw new Error(`${response.status} ${response.url}`);
  return response.text();
}

/** The one text of bpmn-js that a reader meets: on the button that opens a collapsed sub-process. */
function worded(text, params = {}, dataset) {
  const known = text === 'Open {element}' ? dataset.openText || text : text;
  return known.replace(/{([^}]+)}/g, (whole, key) => params[key] ?? whole);
}

/** Mark the elements by state; gives those that should stay in view when not all fits. */
function mark(viewer, dataset) {
  const registry = viewer.get('elementRegistry');
  const canvas = viewer.get('canvas');
  const inState = (state) => JSON.parse(dataset[state] || '[]').map((id) => placed(registry, id)).filter(Boolean);
  const top = (shape) => onTop(shape, registry, canvas);
  for (const state of STATES) {
    for (const shape of new Set(inState(state).flatMap((each) => [each, top(each)]))) {
      canvas.addMarker(shape, `gd-${state}`);
    }
  }
  return [...inState('wrong'), ...inState('incident'), ...inState('current')].map(top);
}

/** What a collapsed sub-process holds is drawn on a plane of its own, out of sight: the sub-process stands for it. */
function onTop(shape, registry, canvas) {
  const root = canvas.findRoot(shape);
  const host = root !== canvas.getRootElement() && registry.get(root.id.replace(PLANE, ''));
  return host ? onTop(host, registry, canvas) : shape;
}

/** The drawing is one image to a screen reader: the page says in words what it shows. */
function name(element) {
  const svg = element.querySelector('.djs-container > svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', element.dataset.label || '');
}

/** Of a process that has come to its end, that end: what came of it. An end inside a sub-process is not the whole's. */
function reached(viewer, dataset) {
  const registry = viewer.get('elementRegistry');
  const done = JSON.parse(dataset.done || '[]').map((id) => placed(registry, id)).filter(Boolean);
  const ends = done.filter((each) => each.type === 'bpmn:EndEvent' && WHOLE.includes(each.parent.type));
  return ends.sort((one, other) => other.x - one.x || other.y - one.y)[0];
}

/** Where one begins to read a drawing that does not fit. */
function first(registry, root) {
  const shapes = registry.filter((each) => each.parent === root && each.width);
  const starts = registry.filter((each) => each.type === 'bpmn:StartEvent' && each.parent?.type !== 'bpmn:SubProcess');
  return (starts.length ? starts : shapes).sort((one, other) => one.x - other.x || one.y - other.y)[0];
}

function wireButtons(element, viewer, fit) {
  const actions = {
    in: () => viewer.get('zoomScroll').stepZoom(1),
    out: () => viewer.get('zoomScroll').stepZoom(-1),
    fit,
    large: (button) => enlarge(element, button),
  };
  for (const button of zoomButtons(element)) {
    button.addEventListener('click', () => actions[button.dataset.zoom](button));
  }
}

/** Buttons anywhere on the page whose way, a list of elements, leads through this diagram play it back. */
function wireWays(element, viewer) {
  const registry = viewer.get('elementRegistry');
  const canvas = viewer.get('canvas');
  for (const button of document.querySelectorAll('[data-way]')) {
    const shapes = JSON.parse(button.dataset.way).map((id) => placed(registry, id)).filter(Boolean);
    if (!shapes.length) continue;
    button.hidden = false;
    button.addEventListener('click', () => play(element, viewer, shapes.map((each) => onTop(each, registry, canvas))));
  }
}

let playing; // only one way at a time

function play(element, viewer, shapes) {
  clearInterval(playing);
  const canvas = viewer.get('canvas');
  const overlays = viewer.get('overlays');
  viewer.get('elementRegistry').forEach((each) => canvas.removeMarker(each, 'gd-way'));
  overlays.remove({ type: 'way' });
  element.scrollIntoView({ block: 'nearest' });
  let at = 0;
  const step = () => {
    const shape = shapes[at];
    canvas.addMarker(shape, 'gd-way');
    for (const flow of shape.incoming ?? []) if (flow.source === shapes[at - 1]) canvas.addMarker(flow, 'gd-way');
    if (shapes.indexOf(shape) === at) overlays.add(shape, 'way', { position: { top: -12, left: -8 }, html: number(at + 1) });
    canvas.scrollToElement(shape, 24);
    at += 1;
    if (at >= shapes.length) clearInterval(playing);
    return at < shapes.length;
  };
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) while (step());
  else if (step()) playing = setInterval(step, 500);
}

function number(text) {
  const badge = document.createElement('span');
  badge.className = 'gd-way-no';
  badge.textContent = text;
  return badge;
}

function showError(element, error) {
  if (error.message === 'no diagram to display') return showUndrawn(element);
  console.warn('The diagram could not be drawn:', error.message);
  const text = document.createElement('p');
  text.className = 'gd-diagram-error';
  text.setAttribute('role', 'alert');
  text.textContent = element.dataset.errorText || error.message;
  element.replaceChildren(text);
  element.dataset.ready = '0';
}

/** The file is sound and runs, but does not say where its elements are drawn: a plain sentence, and nothing to zoom. */
function showUndrawn(element) {
  for (const button of zoomButtons(element)) button.hidden = true;
  element.className = 'card-body gd-sub';
  element.textContent = element.dataset.undrawnText || '';
  element.dataset.ready = '0';
}

const zoomButtons = (element) => element.closest('[data-diagram]')?.querySelectorAll('[data-zoom]') ?? [];

document.addEventListener('htmx:after:swap', drawAll);
drawAll();
