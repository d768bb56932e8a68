// Live pages: [data-version-src] is asked every 20 s, while the page is looked at, for a version (an ETag).
// When it differs from data-version, every [data-live] part is told by the event "gd-changed"; htmx fetches it anew.
// A part in which somebody is writing stays as it is: nothing typed is ever replaced.
const EVERY = 20000;

export function watchVersions() {
  const source = document.querySelector('[data-version-src]');
  if (!source) return;
  setInterval(() => check(source), EVERY);
  document.addEventListener('visibilitychange', () => check(source));
}

async function check(source) {
  if (document.hidden) return;
  const answer = await ask(source.dataset).catch(() => null); // offline: the next time will tell
  if (answer?.status !== 200) return;
  source.dataset.version = answer.headers.get('ETag');
  for (const part of document.querySelectorAll('[data-live]')) {
    if (!part.querySelector('[data-dirty]')) part.dispatchEvent(new CustomEvent('gd-changed'));
  }
}

const ask = ({ versionSrc, version }) =>
  fetch(versionSrc, { headers: { 'If-None-Match': version }, cache: 'no-store', redirect: 'error' });
