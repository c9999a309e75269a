import { CircleAlert, LoaderCircle } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { openPictures, removePicture } from "../actions/picture-commands.js";
import type { Picture } from "../state/types.js";
import { Panel } from "./panel.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";

/** The pictures. One stop of the Tab key: arrow keys move, and open what they come to. */
export function Gallery() {
  const pictures = useStudioState((state) => state.pictures);
  return (
    <Panel
      name="gallery"
      title="Pictures"
      count={pictures.length}
      actions={
        <>
          <CommandButton command={openPictures} look="quiet" tooltip="above" />
          <CommandButton command={removePicture} look="quiet" tooltip="above" />
        </>
      }
    >
      {pictures.length === 0 ? (
        <p className="panel-empty">No pictures yet.</p>
      ) : (
        <PictureList pictures={pictures} />
      )}
    </Panel>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function PictureList({ pictures }: { readonly pictures: readonly Picture[] }) {
  const studio = useStudio();
  const ref = useRef<HTMLDivElement>(null);
  const openId = useStudioState((state) => state.openPictureId);
  const openIndex = pictures.findIndex(({ id }) => id === openId);

  useEffect(() => {
    ref.current?.children[openIndex]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [openIndex]);

  function onKeyDown(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    const next = step === undefined ? undefined : pictures[openIndex + step];
    if (step === undefined) return;
    event.preventDefault();
    if (!next) return;
    studio.openPicture(next.id);
    ref.current?.querySelectorAll<HTMLElement>('[role="option"]')[openIndex + step]?.focus();
  }

  return (
    <div
      ref={ref}
      className="gallery-list"
      role="listbox"
      aria-label="Pictures"
      aria-orientation="horizontal"
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {pictures.map((picture, index) => (
        <button
          key={picture.id}
          type="button"
          role="option"
          aria-selected={picture.id === openId}
          aria-label={`${picture.name}, ${picture.width} by ${picture.height}${STATES[picture.loading.phase] ?? ""}`}
          className="gallery-item"
          tabIndex={index === Math.max(0, openIndex) ? 0 : -1}
          title={picture.name}
          onClick={() => studio.openPicture(picture.id)}
        >
          <img src={picture.thumbnailUrl} alt="" draggable={false} />
          <span className="gallery-name">{picture.name}</span>
          <Badge phase={picture.loading.phase} />
        </button>
      ))}
    </div>
  );
}

type Phase = Picture["loading"]["phase"];

const STATES: Readonly<Partial<Record<Phase, string>>> = {
  uploading: ", being sent",
  queued: ", waiting",
  encoding: ", being looked at",
  downloading: ", waiting for the model",
  failed: ", failed",
};

function Badge({ phase }: { readonly phase: Phase }) {
  if (phase === "ready" || phase === "waiting") return null;
  return (
    <span className="gallery-badge" aria-hidden="true">
      {phase === "failed" ? <CircleAlert className="bad" /> : <LoaderCircle className="spinner" />}
    </span>
  );
}
