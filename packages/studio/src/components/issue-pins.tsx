import { toScreenPoint } from "../canvas/view.js";
import { issuesOf } from "../state/work.js";
import { useStudioState } from "./studio-context.js";

/** The places of review issues on the image, with their numbers; a press leads to the list. */
export function IssuePins() {
  const work = useStudioState((state) => state.work);
  const openId = useStudioState((state) => state.openImageId);
  const view = useStudioState((state) => state.view);
  if (!work) return null;
  return (
    <div className="issue-pins">
      {issuesOf(work, openId).map(({ id, at, isResolved, comments }, index) => {
        const [x, y] = toScreenPoint(view, at);
        return (
          <button
            key={id}
            type="button"
            className="issue-pin"
            data-resolved={isResolved || undefined}
            style={{ left: x, top: y }}
            title={comments[0]?.text}
            aria-label={`Issue ${index + 1}${isResolved ? ", resolved" : ""}: ${comments[0]?.text ?? ""}`}
            onClick={() => document.getElementById(`issue-${id}`)?.focus()}
          >
            {index + 1}
          </button>
        );
      })}
    </div>
  );
}
