import { activeCursor } from "../actions/cursor-commands.js";
import { toScreenPoint } from "../canvas/view.js";
import { useStudioState } from "./studio-context.js";

const ARM_PX = 14;
const GAP_PX = 4;

/** The cursor that keys move, and the box that it is drawing. */
export function KeyCursor() {
  const cursor = useStudioState(activeCursor);
  const view = useStudioState((state) => state.view);
  if (!cursor) return null;
  const [x, y] = toScreenPoint(view, cursor.at);
  const corner = cursor.boxCorner && toScreenPoint(view, cursor.boxCorner);
  const arms = [
    [-1, 0],
    [1, 0],
    [0, -1],
    [0, 1],
  ].map(([dx, dy]) => `M${x + dx! * GAP_PX} ${y + dy! * GAP_PX}L${x + dx! * ARM_PX} ${y + dy! * ARM_PX}`);
  return (
    <svg className="key-cursor" aria-hidden="true">
      {corner && (
        <rect
          x={Math.min(x, corner[0])}
          y={Math.min(y, corner[1])}
          width={Math.abs(x - corner[0])}
          height={Math.abs(y - corner[1])}
        />
      )}
      <path className="key-cursor-shade" d={arms.join("")} />
      <path d={arms.join("")} />
    </svg>
  );
}
