// Menus are <details>: they close on Escape, with the focus back on their button, and when one clicks elsewhere.
export function wireMenus() {
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

const openMenus = () => document.querySelectorAll('details.gd-menu[open]');
