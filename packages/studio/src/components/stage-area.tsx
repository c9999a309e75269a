import { DraftBar } from "./draft-bar.js";
import { EmptyState } from "./empty-state.js";
import { KeyCursor } from "./key-cursor.js";
import { LoadingOverlay } from "./loading-overlay.js";
import { useStudioState } from "./studio-context.js";

/** The picture, and what lies over it. */
export function StageArea() {
  const isEmpty = useStudioState((state) => state.openPictureId === null);
  return (
    <main className="stage-area">
      {isEmpty ? (
        <EmptyState />
      ) : (
        <>
          <div className="stage" />
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
