/** Brush and eraser: what is painted on, and the stroke while it is drawn. */

import type { ImagePoint } from "@segany/masks";
import type { MaskObject } from "../../state/document.js";
import { paintDraft } from "../../state/draft-edits.js";
import { draftShape, isEmptyDraft } from "../../state/draft-queries.js";
import { editObject } from "../../state/edits.js";
import { openDocument, selectedObject } from "../../state/selectors.js";
import { applyStroke } from "../brush.js";
import { objectAt } from "../hit-testing.js";
import { type ScreenPoint, toImagePoint } from "../view.js";
import { type Gesture, type GestureContext, NOTHING } from "./gesture.js";
import { beginLiveEdit } from "./live-edit.js";

/**
 * Paints on the draft; where there is none, on the selected object, and the eraser on the one it is put down
 * on.
 */
export function paintGesture(context: GestureContext, start: ScreenPoint, mode: "add" | "erase"): Gesture {
  const { studio, image, show } = context;
  const { view, preferences } = studio.getState();
  const diameterPx = preferences.brushSizePx;
  const points: ImagePoint[] = [toImagePoint(view, start)];
  const edit = beginLiveEdit(studio, mode === "add" ? "Brush" : "Erase");
  const target = targetOf(context, points[0]!, mode);
  if (target) edit.change((document) => editObject(document, target.id));
  const shape = draftShape(openDocument(studio.getState()).draft);

  const showStroke = () => show({ kind: "stroke", mode, shape, stroke: { points: [...points], diameterPx } });
  showStroke();
  return {
    move(passed) {
      const { view: now } = studio.getState();
      for (const at of passed) points.push(toImagePoint(now, at));
      showStroke();
    },
    end() {
      const painted = applyStroke(shape, { points, diameterPx }, mode, image);
      if (shape || painted) edit.change((document) => paintDraft(document, painted));
      edit.finish();
      show(NOTHING);
    },
    cancel() {
      edit.cancel();
      show(NOTHING);
    },
  };
}

/** The object that has to become the draft first, or null when the draft itself is painted on. */
function targetOf({ studio }: GestureContext, at: ImagePoint, mode: "add" | "erase"): MaskObject | null {
  const state = studio.getState();
  const document = openDocument(state);
  if (!isEmptyDraft(document.draft)) return null;
  const canEdit = ({ locked, visible }: MaskObject) => visible && !locked;
  const selected = selectedObject(state);
  if (selected && canEdit(selected)) return selected;
  return mode === "erase" ? objectAt(at, document.objects.filter(canEdit)) : null;
}
