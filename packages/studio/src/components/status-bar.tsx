import { TriangleAlert } from "lucide-react";
import { actualSize, fitImage, zoomIn, zoomOut } from "../actions/view-commands.js";
import { formatPercent } from "../text.js";
import { hintFor } from "./hints.js";
import { IS_TOUCH } from "./platform.js";
import { useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";

/** Below the image: what to do next, what to know of the model, and the zoom. */
export function StatusBar() {
  const hint = useStudioState((state) => hintFor(state, IS_TOUCH));
  const note = useStudioState(({ model }) => (model.state === "ready" ? model.note : null));
  const scale = useStudioState(({ view, openImageId }) => (openImageId === null ? null : view.scale));
  return (
    <footer className="status-bar">
      <p className="hint">{hint}</p>
      {note !== null && (
        <p className="model-note">
          <TriangleAlert aria-hidden="true" />
          <span>{note}</span>
        </p>
      )}
      <div className="zoom">
        <CommandButton command={zoomOut} look="quiet" tooltip="above" />
        <CommandButton command={actualSize} look="quiet" tooltip="above">
          {scale === null ? "–" : formatPercent(scale)}
        </CommandButton>
        <CommandButton command={zoomIn} look="quiet" tooltip="above" />
        <CommandButton command={fitImage} look="quiet" tooltip="above" />
      </div>
    </footer>
  );
}
