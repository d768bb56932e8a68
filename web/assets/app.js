// The small behaviours that every page shares. Bundled by build.mjs; loaded as a module, so it runs once the page is read.
import { wireDialogs } from './js/dialogs.js';
import { wireForms } from './js/forms.js';
import { wireKeys } from './js/keys.js';
import { wireMenus } from './js/menus.js';
import { wirePickers } from './js/picker.js';
import { wireToasts } from './js/toasts.js';
import { watchVersions } from './js/versions.js';

wireDialogs();
wireForms();
wireKeys();
wireMenus();
wirePickers();
wireToasts();
watchVersions();
