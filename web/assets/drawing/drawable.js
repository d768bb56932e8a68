// Owns what of a file's drawing is left out because it has no place: a shape without bounds, what hangs on an element
// that is not drawn. The drawing library would complain of each in the console, and draw the rest all the same.

/** Before a file is drawn. */
export function leaveOutUnplaced(viewer) {
  viewer.on('import.parse.complete', ({ definitions }) => {
    const planes = (definitions?.diagrams ?? []).map((each) => each.plane).filter((plane) => plane?.planeElement);
    const all = planes.flatMap((plane) => plane.planeElement);
    const kept = new Set(all.filter((each) => each.$type !== 'bpmndi:BPMNShape' || each.bounds));
    while (dropped(kept));
    for (const plane of planes) plane.planeElement = plane.planeElement.filter((each) => kept.has(each));
  });
}

/** Takes out what hangs on nothing that is drawn; whether there was any, since more may hang on that. */
function dropped(kept) {
  const drawn = new Set([...kept].map((each) => each.bpmnElement));
  const loose = [...kept].filter((each) => each.bpmnElement && !hangsOn(each).every((end) => drawn.has(end)));
  for (const each of loose) kept.delete(each);
  return loose.length > 0;
}

/** The elements without which this one can't be drawn. */
function hangsOn({ $type, bpmnElement: it }) {
  if (it.$type === 'bpmn:BoundaryEvent') return [it.attachedToRef];
  if ($type !== 'bpmndi:BPMNEdge') return [];
  if (it.$type === 'bpmn:DataInputAssociation') return [it.sourceRef?.[0], it.$parent];
  if (it.$type === 'bpmn:DataOutputAssociation') return [it.$parent, it.targetRef];
  return [it.sourceRef, it.targetRef];
}
