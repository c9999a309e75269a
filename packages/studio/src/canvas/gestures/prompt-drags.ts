/** Dragging points and boxes, with the model's answer following. */

import type { ExclusiveBoxXyxy, ImagePoint } from "@segany/masks";
import { movePoint, setBox } from "../../state/draft-edits.js";
import { type BoxHandle, boxBetween, dragBoxHandle } from "../hit-testing.js";
import type { ScreenPoint } from "../view.js";
import { clampToImage, toImagePoint } from "../view.js";
import { type Gesture, type GestureContext, NOTHING } from "./gesture.js";
import { beginLiveEdit } from "./live-edit.js";

/** Smaller boxes are slips, CSS pixels. */
const SMALLEST_BOX_PX = 4;

export function dragPoint(context: GestureContext, pointId: string): Gesture {
  const { studio, show } = context;
  const edit = beginLiveEdit(studio, "Move point");
  return {
    move(passed) {
      const at = imagePointOf(context, passed.at(-1)!);
      show({ kind: "point", pointId, at });
      edit.change((document) => movePoint(document, pointId, at));
    },
    end() {
      edit.finish();
      show(NOTHING);
    },
    cancel() {
      edit.cancel();
      show(NOTHING);
    },
  };
}

/** A new box from where the pointer was pressed. */
export function drawBoxGesture(context: GestureContext, start: ScreenPoint): Gesture {
  const corner = imagePointOf(context, start);
  return followBox(context, "Draw box", (at) => boxBetween(corner, at));
}

/** A side or corner of the box there is. */
export function dragHandle(context: GestureContext, boxXyxy: ExclusiveBoxXyxy, handle: BoxHandle): Gesture {
  return followBox(context, "Change box", (at) => dragBoxHandle(boxXyxy, handle, at));
}

function followBox(
  context: GestureContext,
  label: string,
  boxAt: (at: ImagePoint) => ExclusiveBoxXyxy,
): Gesture {
  const { studio, show } = context;
  const edit = beginLiveEdit(studio, label);
  let isLargeEnough = false;
  return {
    move(passed) {
      const boxXyxy = boxAt(imagePointOf(context, passed.at(-1)!));
      const { scale } = studio.getState().view;
      isLargeEnough = Math.min(boxXyxy[2] - boxXyxy[0], boxXyxy[3] - boxXyxy[1]) * scale >= SMALLEST_BOX_PX;
      show({ kind: "box", boxXyxy });
      if (isLargeEnough) edit.change((document) => setBox(document, boxXyxy));
    },
    end() {
      if (isLargeEnough) edit.finish();
      else edit.cancel();
      show(NOTHING);
    },
    cancel() {
      edit.cancel();
      show(NOTHING);
    },
  };
}

function imagePointOf({ studio, image }: GestureContext, at: ScreenPoint): ImagePoint {
  return clampToImage(toImagePoint(studio.getState().view, at), image);
}
