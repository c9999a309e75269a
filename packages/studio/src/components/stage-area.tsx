import { DraftBar } from "./draft-bar.js";
import { EmptyState } from "./empty-state.js";
import { IssuePins } from "./issue-pins.js";
import { KeyCursor } from "./key-cursor.js";
import { LoadingOverlay } from "./loading-overlay.js";
import { Stage } from "./stage.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { WorkState } from "./work-state.js";

/** The image, and what lies over it. */
export function StageArea() {
  const studio = useStudio();
  const work = useStudioState((state) => state.work);
  const isEmpty = useStudioState((state) => state.openImageId === null);
  return (
    <main className="stage-area">
      {isEmpty ? (
        work ? (
          <WorkState work={work} />
        ) : (
          <EmptyState />
        )
      ) : (
        <>
          <Stage studio={studio} />
          <KeyCursor />
          <IssuePins />
          <div className="stage-overlays">
            <LoadingOverlay />
            <DraftBar />
          </div>
        </>
      )}
    </main>
  );
}
