import { CircleAlert } from "lucide-react";
import { retryImage } from "../actions/image-commands.js";
import { openImage } from "../state/selectors.js";
import type { Loading } from "../state/status.js";
import { formatBytes, formatSeconds } from "../text.js";
import { useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";
import { Progress, type ProgressProps } from "./ui/progress.js";

/** How far the open image is, while it can't be asked yet. */
export function LoadingOverlay() {
  const loading = useStudioState((state) => openImage(state)?.loading ?? null);
  if (!loading || loading.phase === "ready") return null;
  if (loading.phase === "failed") {
    return (
      <div className="loading failed" role="alert">
        <p>
          <CircleAlert aria-hidden="true" className="bad" /> {loading.message}
        </p>
        <CommandButton command={retryImage}>Try again</CommandButton>
      </div>
    );
  }
  return (
    <div className="loading">
      <Progress {...progressOf(loading)} />
    </div>
  );
}

type Unfinished = Exclude<Loading, { readonly phase: "ready" | "failed" }>;

function progressOf(loading: Unfinished): ProgressProps {
  switch (loading.phase) {
    case "waiting":
      return { label: "Opening the image", share: null };
    case "uploading":
      return { label: "Sending the image", ...bytesOf(loading) };
    case "downloading":
      return { label: "Getting the model", ...bytesOf(loading) };
    case "queued":
      return {
        label: "Waiting for the model",
        share: null,
        detail: `place ${loading.position} in the queue`,
      };
    case "encoding":
      return { label: "The model looks at the image", ...timesOf(loading) };
  }
}

function bytesOf({ bytesDone, bytesTotal }: Extract<Loading, { readonly bytesDone: number }>) {
  return {
    share: bytesTotal > 0 ? bytesDone / bytesTotal : null,
    detail: `${formatBytes(bytesDone, bytesTotal)} of ${formatBytes(bytesTotal)}`,
  };
}

/** The share is of the time that it took before, which is all that can be known. */
function timesOf({ elapsedMs, expectedMs }: Extract<Loading, { readonly phase: "encoding" }>) {
  if (expectedMs === null) return { share: null, detail: formatSeconds(elapsedMs) };
  return {
    share: elapsedMs < expectedMs ? elapsedMs / expectedMs : null,
    detail: `${formatSeconds(elapsedMs)}, usually ${formatSeconds(expectedMs)}`,
  };
}
