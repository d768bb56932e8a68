// Owns a drawing's colours on a light and on a dark page: ours are tokens of diagram.css; what the file says itself is
// kept by light, and by dark turned into a tint on which the same writing can be read.

export const INK = {
  defaultFillColor: 'var(--bpmn-fill)',
  defaultStrokeColor: 'var(--bpmn-line)',
  defaultLabelColor: 'var(--bpmn-text)',
};
const FILLS = ['color:background-color', 'bioc:fill'];
const LINES = ['color:border-color', 'bioc:stroke'];

/** Before a file is drawn: each colour that it gives an element or a label is given once for light, once for dark. */
export function inkForBoth(viewer) {
  viewer.on('import.parse.complete', ({ definitions }) => {
    const drawn = (definitions?.diagrams ?? []).flatMap((each) => each.plane?.planeElement ?? []);
    for (const each of drawn) {
      for (const name of FILLS) turn(each, name, (colour) => `color-mix(in oklab, ${colour} 24%, var(--bpmn-dark))`);
      for (const name of LINES) turn(each, name, (colour) => `color-mix(in oklab, ${colour} 40%, white)`);
      if (each.label) turn(each.label, 'color:color', (colour) => `color-mix(in oklab, ${colour} 40%, white)`);
    }
  });
}

function turn(element, name, dark) {
  const colour = element.get(name);
  if (colour && CSS.supports('color', colour)) element.set(name, `light-dark(${colour}, ${dark(colour)})`);
}
