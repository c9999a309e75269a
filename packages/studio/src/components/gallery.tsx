import { CircleAlert, LoaderCircle } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { openImages, removeImage } from "../actions/image-commands.js";
import type { GalleryImage, Progress as Transfer } from "../state/types.js";
import { Panel } from "./panel.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";
import { Progress } from "./ui/progress.js";

/** The images. One stop of the Tab key: arrow keys move, and open what they come to. */
export function Gallery() {
  const images = useStudioState((state) => state.images);
  const isWork = useStudioState(({ work }) => work !== null);
  return (
    <Panel
      name="gallery"
      title="Images"
      count={images.length}
      actions={
        !isWork && (
          <>
            <CommandButton command={openImages} look="quiet" tooltip="above" />
            <CommandButton command={removeImage} look="quiet" tooltip="above" />
          </>
        )
      }
    >
      <TransferProgress />
      {images.length === 0 ? <p className="panel-empty">No images yet.</p> : <ImageList images={images} />}
    </Panel>
  );
}

/** How far images are that come into the gallery or go to the server. */
function TransferProgress() {
  const adding = useStudioState((state) => state.adding);
  const sending = useStudioState((state) => state.sending);
  if (!adding && !sending) return null;
  return (
    <div className="transfers">
      {adding && <Progress label={`Opening ${adding.done + 1} of ${adding.total}`} share={shareOf(adding)} />}
      {sending && <Progress label={`Sent ${sending.done} of ${sending.total}`} share={shareOf(sending)} />}
    </div>
  );
}

function shareOf({ done, total }: Transfer): number {
  return done / total;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function ImageList({ images }: { readonly images: readonly GalleryImage[] }) {
  const studio = useStudio();
  const ref = useRef<HTMLDivElement>(null);
  const openId = useStudioState((state) => state.openImageId);
  const openIndex = images.findIndex(({ id }) => id === openId);

  useEffect(() => {
    ref.current?.children[openIndex]?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [openIndex]);

  function onKeyDown(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    const next = step === undefined ? undefined : images[openIndex + step];
    if (step === undefined) return;
    event.preventDefault();
    if (!next) return;
    studio.openImage(next.id);
    ref.current?.querySelectorAll<HTMLElement>('[role="option"]')[openIndex + step]?.focus();
  }

  return (
    <div
      ref={ref}
      className="gallery-list"
      role="listbox"
      aria-label="Images"
      aria-orientation="horizontal"
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {images.map((image, index) => (
        <button
          key={image.id}
          type="button"
          role="option"
          aria-selected={image.id === openId}
          aria-label={`${image.name}, ${image.width} by ${image.height}${STATES[image.loading.phase] ?? ""}`}
          className="gallery-item"
          tabIndex={index === Math.max(0, openIndex) ? 0 : -1}
          title={image.name}
          onClick={() => studio.openImage(image.id)}
        >
          <img src={image.thumbnailUrl} alt="" draggable={false} />
          <span className="gallery-name">{image.name}</span>
          <Badge phase={image.loading.phase} />
        </button>
      ))}
    </div>
  );
}

type Phase = GalleryImage["loading"]["phase"];

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
