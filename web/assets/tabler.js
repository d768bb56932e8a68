// The parts of Tabler's script that our pages use; the whole of it would weigh three times as much.
// Each registers itself for its data-bs-toggle and data-bs-dismiss attributes.
import '@tabler/core/js/src/bootstrap/collapse.ts';
import '@tabler/core/js/src/bootstrap/dropdown.ts';
import '@tabler/core/js/src/bootstrap/modal.ts';
import '@tabler/core/js/src/bootstrap/offcanvas.ts';
