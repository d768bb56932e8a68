// The demo's guided tour: which step one is at is kept by the browser, so it goes on across pages and people.
const KEPT = 'gongdan.tour';
const HERE = 'gd-tour-here';

export function wireTour() {
  document.querySelector('form[data-tour-start]')?.addEventListener('submit', () => keep({ at: 0, open: true }));
  const own = document.querySelector('[data-tour-ticket]');
  if (own && read().ticket) Object.assign(own, { href: read().ticket, hidden: false });
  const panel = document.querySelector('[data-tour]');
  if (!panel) return;
  const tour = new Tour(panel, read());
  tour.notice();
  tour.show();
  document.addEventListener('htmx:after:swap', () => tour.notice() && tour.show());
}

class Tour {
  constructor(panel, state) {
    this.panel = panel;
    this.steps = [...panel.querySelectorAll('[data-tour-step]')];
    this.state = { ...state, at: Math.min(Math.max(state.at, 0), this.steps.length - 1) };
    const wire = (name, act) => this.part(name).addEventListener('click', act);
    wire('close', () => this.leave());
    wire('back', () => this.go(this.state.at - 1));
    wire('next', () => this.go(this.state.at + 1));
    wire('again', () => this.go(0));
    wire('seen', () => keep({ ...this.state, open: false }));
    document.querySelector('[data-tour-open]')?.addEventListener('click', (event) => {
      event.preventDefault();
      this.change({ open: this.panel.hidden });
      if (!this.panel.hidden) this.panel.focus();
    });
    panel.addEventListener('click', (event) => {
      const button = event.target.closest('[data-tour-fill]');
      if (button) fill(button, JSON.parse(button.dataset.tourFill));
    });
    panel.addEventListener('keydown', (event) => event.key === 'Escape' && this.leave());
  }

  part(name) {
    return this.panel.querySelector(`[data-tour-${name}]`);
  }

  /** Whether the step is done by now; then the tour is at the next one. The ticket filed is what later steps are about. */
  notice() {
    const step = this.steps[this.state.at];
    if (!this.state.open || !step.dataset.path) return false;
    const filed = step.dataset.doneAt && new RegExp(step.dataset.doneAt).test(location.pathname);
    if (!filed && !this.isDone(step)) return false;
    this.reach(this.state.at + 1, filed ? { ticket: location.pathname } : {});
    return true;
  }

  /** By what the page has, or has no longer; a step that one has come back to is looked at, not done. */
  isDone(step) {
    const { doneWith, doneWithout } = step.dataset;
    if (!this.isHere(step) || this.state.at < this.state.furthest) return false;
    if (doneWith) return Boolean(document.querySelector(doneWith));
    if (!doneWithout) return false;
    if (!document.querySelector(doneWithout)) return this.state.met === this.state.at;
    keep((this.state = { ...this.state, met: this.state.at }));
    return false;
  }

  /** Whether this page is where the step is done, and the reader is who does it. */
  isHere(step) {
    return location.pathname === this.pathOf(step) && step.querySelector('[data-tour-go]') instanceof HTMLAnchorElement;
  }

  pathOf(step) {
    return step.dataset.path.replace('{ticket}', this.state.ticket ?? '');
  }

  reach(at, what = {}) {
    this.state = { ...this.state, ...what, at, furthest: at && Math.max(at, this.state.furthest) };
    keep(this.state);
  }

  leave() {
    this.change({ open: false });
    document.querySelector('[data-tour-open]')?.focus();
  }

  go(at) {
    this.reach(Math.min(Math.max(at, 0), this.steps.length - 1));
    this.show();
  }

  change(what) {
    this.state = { ...this.state, ...what };
    keep(this.state);
    this.show();
  }

  show() {
    const { at, open } = this.state;
    const last = this.steps.length - 1;
    this.panel.hidden = !open;
    this.steps.forEach((step, place) => (step.hidden = place !== at));
    this.part('count').textContent = at < last ? `${at + 1} / ${last}` : '';
    this.part('back').disabled = at === 0;
    this.part('next').hidden = at === last;
    this.part('again').hidden = at !== last;
    this.point(this.steps[at]);
  }

  point(step) {
    for (const before of document.querySelectorAll(`.${HERE}`)) before.classList.remove(HERE);
    if (this.panel.hidden || !step.dataset.path) return;
    const path = this.pathOf(step);
    const here = this.isHere(step);
    const way = step.querySelector('[data-tour-go]');
    if (path) lead(way, path);
    if (way instanceof HTMLAnchorElement) way.hidden = here;
    const filled = step.querySelector('[data-tour-fill]');
    if (filled) filled.hidden = !here || !document.querySelector(step.dataset.fills);
    if (!here) return; // elsewhere, or somebody else does this step
    const found = step.dataset.lookAt.split(', ').map((each) => document.querySelector(each));
    const place = found.find(Boolean);
    place?.classList.add(HERE);
    this.panel.classList.toggle('left', Boolean(place) && place.getBoundingClientRect().left > innerWidth / 2);
    const seen = `${this.state.at}${path} ${found.indexOf(place)}`;
    if (this.state.seen !== seen) {
      keep((this.state = { ...this.state, seen }));
      if (place && !inSight(place)) place.scrollIntoView({ block: 'center' });
    }
  }
}

function inSight(place) {
  const { top, bottom } = place.getBoundingClientRect();
  return bottom > 0 && top < innerHeight * 0.7;
}

/** What the step's form asks for, as somebody would have typed it; the page hears of each as if they had. What is asked
 * only because of what was answered is filled in as it comes. */
function fill(button, values, patience = 20) {
  const form = document.querySelector(button.closest('[data-tour-step]').dataset.fills);
  const missing = Object.entries(values).filter(([name, value]) => !form || !put(form, name, value));
  button.disabled = missing.length > 0 && patience > 0;
  if (button.disabled) setTimeout(() => fill(button, Object.fromEntries(missing), patience - 1), 150);
}

function put(form, name, value) {
  const fields = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)].filter((each) => each.type !== 'hidden');
  const field = fields.find((each) => each.type !== 'radio' || each.value === value);
  if (!field) return false;
  if (field.type === 'radio') field.checked = true;
  else field.value = value;
  for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
  return true;
}

/** The link or the form of a step leads to its page. */
function lead(way, path) {
  if (way instanceof HTMLAnchorElement) way.href = path;
  else if (way) way.elements.next.value = path;
}

function read() {
  try {
    const { at, open, furthest, ...kept } = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
    const from = Number.isInteger(at) ? at : 0;
    return { ...kept, at: from, open: open === true, furthest: Math.max(from, Number.isInteger(furthest) ? furthest : 0) };
  } catch {
    return { at: 0, open: false, furthest: 0 };
  }
}

function keep(state) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(state));
  } catch {
    // A browser that keeps nothing shows the tour on this page alone.
  }
}
