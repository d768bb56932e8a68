// The small behaviours that every page shares. Bundled by build.mjs; loaded as a module, so it runs once the page is read.
import { wireCanned } from './js/canned.js';
import { wireDialogs } from './js/dialogs.js';
import { wireForms } from './js/forms.js';
import { wireKeys } from './js/keys.js';
import { wireLists } from './js/lists.js';
import { wireMenus } from './js/menus.js';
import { wirePalette } from './js/palette.js';
import { wirePickers } from './js/picker.js';
import { wireTicked } from './js/ticked.js';
import { wireToasts } from './js/toasts.js';
import { wireTour } from './js/tour.js';
import { watchVersions } from './js/versions.js';

wireCanned();
wireDialogs();
wireForms();
wireKeys();
wireLists();
wireMenus();
wirePalette();
wirePickers();
wireTicked();
wireToasts();
wireTour();
watchVersions();
