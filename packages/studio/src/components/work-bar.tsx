import { CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import type { Command } from "../actions/command.js";
import {
  acceptJob,
  doneNext,
  pinIssue,
  rejectJob,
  showVersions,
  skipImage,
  takeAgain,
} from "../actions/work-commands.js";
import { imagesDone, type Work } from "../state/work.js";
import { formatNumberOf } from "../text.js";
import { useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";

/** Above the image: the project, how far its job is, and what becomes of the open image. */
export function WorkBar() {
  const work = useStudioState((state) => state.work);
  const openId = useStudioState((state) => state.openImageId);
  if (!work || work.job === null || openId === null) return null;
  const place = work.images.findIndex(({ id }) => id === openId) + 1;
  return (
    <section className="work-bar" aria-label={work.activity === "review" ? "Review" : "Labelling"}>
      <div className="work-progress">
        <p>
          <strong>{work.project?.name}</strong>
          <span className="muted">
            {" "}
            {work.activity === "review" ? "review, " : ""}image {place} of {work.images.length}
          </span>
        </p>
        <progress
          aria-label="Images of the job that are labelled"
          value={imagesDone(work)}
          max={work.images.length}
        />
      </div>
      <Sending work={work} />
      <div className="work-actions">{work.activity === "review" ? <ReviewActions /> : <LabelActions />}</div>
      {work.phase === "lost" && <Lost message={work.message} waiting={work.waiting} />}
    </section>
  );
}

function LabelActions() {
  return (
    <>
      <CommandButton command={skipImage}>Skip</CommandButton>
      <CommandButton command={doneNext} look="primary">
        Done, next image
      </CommandButton>
    </>
  );
}

function ReviewActions() {
  const hasFixes = useStudioState(({ work }) => work?.hasFixes ?? false);
  return (
    <>
      <CommandButton command={showVersions} look="quiet" />
      <TextButton command={pinIssue} text="Issue" />
      <TextButton command={rejectJob} text="Reject" />
      <CommandButton command={acceptJob} look="primary">
        {hasFixes ? "Accept with fixes" : "Accept"}
      </CommandButton>
    </>
  );
}

function TextButton({ command, text }: { readonly command: Command; readonly text: string }) {
  return <CommandButton command={command}>{text}</CommandButton>;
}

/** What the server does not have yet. */
function Sending({ work: { waiting, isOffline, phase } }: { readonly work: Work }) {
  if (phase === "lost" || (waiting === 0 && !isOffline)) return null;
  const Icon = isOffline ? CloudOff : LoaderCircle;
  const changes = formatNumberOf(waiting, "change");
  return (
    <p className={`work-sending ${isOffline ? "warning" : "muted"}`} role="status">
      <Icon aria-hidden="true" className={isOffline ? undefined : "spinner"} />
      {isOffline ? `No connection. ${changes} kept in this browser.` : `Saving ${changes}`}
    </p>
  );
}

function Lost({ message, waiting }: { readonly message: string | null; readonly waiting: number }) {
  return (
    <div className="work-lost" role="alert">
      <TriangleAlert aria-hidden="true" />
      <p>
        {message}
        {waiting > 0 &&
          ` ${formatNumberOf(waiting, "change")} kept in this browser until the image is yours.`}
      </p>
      <CommandButton command={takeAgain}>Take the image again</CommandButton>
    </div>
  );
}
