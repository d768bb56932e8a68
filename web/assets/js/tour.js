// The demo's guided tour: which step one is at is kept by the browser, so it goes on across pages and people.
const KEPT = 'gongdan.tour';
const HERE = 'gd-tour-here';

export function wireTour() {
  document.querySelector('form[data-tour-start]')?.addEventListener('submit', () => keep({ at: 0, open: true }));
  const panel = document.querySelector('[data-tour]');
  if (!panel) return;
  const tour = new Tour(panel, read());
  tour.notice();
  tour.show();
}

class Tour {
  constructor(panel, state) {
    this.panel = panel;
    this.state = state;
    this.steps = [...panel.querySelectorAll('[data-tour-step]')];
    const wire = (name, act) => this.part(name).addEventListener('click', act);
    wire('close', () => this.leave());
    wire('back', () => this.go(this.state.at - 1));
    wire('next', () => this.go(this.state.at + 1));
    wire('again', () => this.go(0));
    document.querySelector('[data-tour-open]')?.addEventListener('click', (event) => {
      event.preventDefault();
      this.change({ open: this.panel.hidden });
      if (!this.panel.hidden) this.panel.focus();
    });
    panel.addEventListener('click', (event) => {
      const button = event.target.closest('[data-tour-fill]');
      if (button) fill(JSON.parse(button.dataset.tourFill));
    });
    panel.addEventListener('keydown', (event) => event.key === 'Escape' && this.leave());
  }

  part(name) {
    return this.panel.querySelector(`[data-tour-${name}]`);
  }

  /** The ticket that the reader has filed is what the later steps are about; with it a step may be done. */
  notice() {
    const step = this.steps[this.state.at];
    if (!this.state.open || !step?.dataset.doneAt) return;
    if (new RegExp(step.dataset.doneAt).test(location.pathname)) {
      this.state = { ...this.state, at: this.state.at + 1, ticket: location.pathname };
      keep(this.state);
    }
  }

  leave() {
    this.change({ open: false });
    document.querySelector('[data-tour-open]')?.focus();
  }

  go(at) {
    this.change({ at: Math.min(Math.max(at, 0), this.steps.length - 1) });
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
    const path = step.dataset.path.replace('{ticket}', this.state.ticket ?? '');
    const way = step.querySelector('[data-tour-go]');
    if (path) lead(way, path);
    const filled = step.querySelector('[data-tour-fill]');
    if (filled) filled.hidden = location.pathname !== path || !(way instanceof HTMLAnchorElement);
    const theirs = way instanceof HTMLAnchorElement;
    if (theirs) way.hidden = location.pathname === path;
    if (location.pathname !== path || !theirs) return; // somebody else does this step
    const found = step.dataset.lookAt.split(', ').map((each) => document.querySelector(each));
    const place = found.find(Boolean);
    place?.classList.add(HERE);
    if (this.state.seen !== this.state.at + path) {
      keep((this.state = { ...this.state, seen: this.state.at + path }));
      if (place && !inSight(place)) place.scrollIntoView({ block: 'center' });
    }
  }
}

function inSight(place) {
  const { top, bottom } = place.getBoundingClientRect();
  return bottom > 0 && top < innerHeight * 0.7;
}

/** What the step's form asks for, as somebody would have typed it; the page hears of each as if they had. */
function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    const fields = [...document.getElementsByName(name)];
    const field = fields.find((each) => each.type !== 'radio' || each.value === value);
    if (!field) continue;
    if (field.type === 'radio') field.checked = true;
    else field.value = value;
    for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}

/** The link or the form of a step leads to its page. */
function lead(way, path) {
  if (way instanceof HTMLAnchorElement) way.href = path;
  else if (way) way.elements.next.value = path;
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
    return { at: Number.isInteger(kept.at) ? kept.at : 0, open: kept.open === true, ticket: kept.ticket, seen: kept.seen };
  } catch {
    return { at: 0, open: false };
  }
}

function keep(state) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(state));
  } catch {
    // A browser that keeps nothing shows the tour on this page alone.
  }
}
