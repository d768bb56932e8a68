// A long side bar begins where one is. Menus are <details>: they close on Escape, with the focus back on their button, and when one clicks elsewhere.
export function wireMenus() {
  const rail = document.querySelector('#rail');
  if (rail) {
    showWhereOneIs(rail);
    rail.addEventListener('toggle', () => showWhereOneIs(rail));
  }
  document.addEventListener('click', (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  });
}

// Only the bar is scrolled, never the page; what is in sight stays where it is.
function showWhereOneIs(rail) {
  const here = rail.querySelector('[aria-current]');
  if (!here) return;
  const beneath = here.getBoundingClientRect().bottom - rail.querySelector('.gd-me').getBoundingClientRect().top;
  if (beneath <= 0) return;
  rail.scrollTop += beneath + here.offsetHeight;
  const edge = rail.getBoundingClientRect().top;
  const cut = [...rail.querySelectorAll('.gd-nav a')].find((link) => link.getBoundingClientRect().bottom > edge + 1);
  rail.scrollTop -= Math.max(edge - cut.getBoundingClientRect().top, 0); // the first is whole, or it could not be pressed
}

const openMenus = () => document.querySelectorAll('details.gd-menu[open]');
