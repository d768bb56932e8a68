// Live pages: [data-version-src] is asked every 20 s, while the page is looked at, for a version (an ETag).
// When it differs from data-version, every [data-live] part is told by the event "gd-changed"; htmx fetches it anew.
// A part in which somebody is writing stays as it is: nothing typed is ever replaced.
// A source that is [data-own] tells only itself: the bell's badge has a version of its own.
const EVERY = 20000;

export function watchVersions() {
  const all = () => document.querySelectorAll('[data-version-src]').forEach(check);
  setInterval(all, EVERY);
  document.addEventListener('visibilitychange', all);
}

async function check(source) {
  if (document.hidden) return;
  const answer = await ask(source.dataset).catch(() => null); // offline: the next time will tell
  if (answer?.status !== 200) return;
  source.dataset.version = answer.headers.get('ETag');
  const parts = source.hasAttribute('data-own') ? [source] : document.querySelectorAll('[data-live]');
  for (const part of parts) {
    if (!part.querySelector('[data-dirty]')) part.dispatchEvent(new CustomEvent('gd-changed'));
  }
}

const ask = ({ versionSrc, version }) =>
  fetch(versionSrc, { headers: { 'If-None-Match': version }, cache: 'no-store', redirect: 'error' });
