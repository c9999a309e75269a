import { DraftBar } from "./draft-bar.js";
import { EmptyState } from "./empty-state.js";
import { KeyCursor } from "./key-cursor.js";
import { LoadingOverlay } from "./loading-overlay.js";
import { Stage } from "./stage.js";
import { useStudio, useStudioState } from "./studio-context.js";

/** The image, and what lies over it. */
export function StageArea() {
  const studio = useStudio();
  const isEmpty = useStudioState((state) => state.openImageId === null);
  return (
    <main className="stage-area">
      {isEmpty ? (
        <EmptyState />
      ) : (
        <>
          <Stage studio={studio} />
          <KeyCursor />
          <div className="stage-overlays">
            <LoadingOverlay />
            <DraftBar />
          </div>
        </>
      )}
    </main>
  );
}
