// Live pages: [data-version-src] is asked every 20 s, while the page is looked at, for a version (an ETag).
// When it differs from data-version, every [data-live] part is told by the event "gd-changed"; htmx fetches it anew.
// A part in which somebody is writing stays as it is: nothing typed is ever replaced.
// A source that is [data-own] tells only itself: the bell's badge has a version of its own.
// Who is led to the sign-in page instead has been signed out meanwhile: that is said once, and nothing asked any more.
import { keepsSomething } from './kept.js';
import { toast } from './toasts.js';

const EVERY = 20000;
let over = false;

export function watchVersions() {
  const all = () => over || document.querySelectorAll('[data-version-src]').forEach(check);
  setInterval(all, EVERY);
  document.addEventListener('visibilitychange', all);
}

async function check(source) {
  if (document.hidden) return;
  const answer = await ask(source.dataset).catch(() => null); // offline: the next time will tell
  if (answer?.type === 'opaqueredirect') return sayOver();
  if (answer?.status !== 200) return;
  source.dataset.version = answer.headers.get('ETag');
  const parts = source.hasAttribute('data-own') ? [source] : document.querySelectorAll('[data-live]');
  for (const part of parts) {
    if (!part.querySelector('[data-dirty]')) part.dispatchEvent(new CustomEvent('gd-changed'));
  }
}

const ask = ({ versionSrc, version }) =>
  fetch(versionSrc, { headers: { 'If-None-Match': version }, cache: 'no-store', redirect: 'manual' });

function sayOver() {
  const said = document.getElementById('signed-out');
  if (over || !said) return;
  over = true;
  said.content.querySelector('[data-kept-too]').hidden = !keepsSomething();
  said.content.querySelector('a').href = location.pathname + location.search; // it leads to the sign-in page and back
  toast(said);
}
