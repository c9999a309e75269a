import { LoaderCircle } from "lucide-react";
import { cutOutObject } from "../actions/cut-out-commands.js";
import { keepMask, resetMask } from "../actions/mask-commands.js";
import { isEmptyDraft } from "../state/draft-queries.js";
import { openDocument } from "../state/selectors.js";
import { AlternativePicker } from "./alternative-picker.js";
import { AskingAgain } from "./asking-again.js";
import { useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";

/** The mask that is being made, over the image's lower edge: which of the model's, and what becomes of it. */
export function DraftBar() {
  const draft = useStudioState((state) => openDocument(state).draft);
  const objects = useStudioState((state) => openDocument(state).objects);
  const isPredicting = useStudioState((state) => state.predicting);
  if (isEmptyDraft(draft) && draft.objectId === null) return null;
  const edited = objects.find(({ id }) => id === draft.objectId);
  return (
    <section className="draft-bar" aria-label="Mask in the making">
      <p className="draft-bar-title" title={edited?.name}>
        {edited ? `Editing “${edited.name}”` : <span className="draft-bar-new">New object</span>}
        {isPredicting && <LoaderCircle aria-label="The model is at work" className="spinner" />}
      </p>
      <AskingAgain />
      <AlternativePicker draft={draft} />
      <div className="draft-bar-actions">
        <CommandButton command={resetMask} look="quiet" tooltip="above">
          Reset
        </CommandButton>
        <CommandButton command={cutOutObject} tooltip="above">
          Cut out
        </CommandButton>
        <CommandButton command={keepMask} look="primary" tooltip="above">
          {edited ? "Done" : "Keep"}
        </CommandButton>
      </div>
    </section>
  );
}
