import { ClipboardCopy, Download, X } from "lucide-react";
import {
  copyShape,
  cutOutObject,
  emptyTray,
  saveAllCutOuts,
  saveShape,
} from "../actions/cut-out-commands.js";
import type { CutOut } from "../state/document.js";
import { removeCutOuts } from "../state/edits.js";
import { openDocument } from "../state/selectors.js";
import { Panel } from "./panel.js";
import { ShapeThumbnail } from "./shape-thumbnail.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";
import { IconButton } from "./ui/icon-button.js";

const THUMBNAIL_PX = 72;

/** Cut-outs that wait to be saved or copied. */
export function Tray() {
  const cutOuts = useStudioState((state) => openDocument(state).cutOuts);
  return (
    <Panel
      name="tray"
      title="Cut-outs"
      count={cutOuts.length}
      actions={
        <>
          <CommandButton command={cutOutObject} look="quiet" />
          <CommandButton command={saveAllCutOuts} look="quiet" />
          <CommandButton command={emptyTray} look="quiet" />
        </>
      }
    >
      {cutOuts.length === 0 ? (
        <p className="panel-empty">Objects that you cut out wait here, with nothing around them.</p>
      ) : (
        <ul className="tray-list">
          {cutOuts.map((cutOut) => (
            <TrayItem key={cutOut.id} cutOut={cutOut} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function TrayItem({ cutOut }: { readonly cutOut: CutOut }) {
  const studio = useStudio();
  const { id, name, shape } = cutOut;
  const told = (work: Promise<void>) =>
    void work.catch((cause: Error) =>
      studio.notify("error", `“${name}” could not be handed out. ${cause.message}`),
    );
  return (
    <li className="tray-item">
      <div className="tray-image">
        <ShapeThumbnail shape={shape} sidePx={THUMBNAIL_PX} />
      </div>
      <span className="tray-name" title={name}>
        {name}
      </span>
      <div className="tray-buttons">
        <IconButton icon={Download} label={`Save ${name}`} onClick={() => told(saveShape(studio, cutOut))} />
        <IconButton
          icon={ClipboardCopy}
          label={`Copy ${name}`}
          onClick={() => told(copyShape(studio, cutOut))}
        />
        <IconButton
          icon={X}
          label={`Remove ${name}`}
          onClick={() => studio.edit("Remove cut-out", (document) => removeCutOuts(document, [id]))}
        />
      </div>
    </li>
  );
}
