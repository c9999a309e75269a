import { openDocument, openPicture } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import { formatCount, formatQuality } from "../text.js";
import { WAITING_REASONS } from "./asking-again.js";
import { useStudioState } from "./studio-context.js";

/** Says what the picture shows to those who don't see it: what the model has answered. */
export function Announcer() {
  const text = useStudioState(announcementOf);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}

function announcementOf(state: StudioState): string {
  const picture = openPicture(state);
  if (!picture) return "";
  if (picture.loading.phase === "ready") return maskText(state) || "The picture is ready.";
  return picture.loading.phase === "failed" ? "" : "The picture is being made ready.";
}

function maskText(state: StudioState): string {
  if (state.askingAgain) return `${WAITING_REASONS[state.askingAgain.reason]} The model is asked again soon.`;
  const { candidates, chosen } = openDocument(state).draft;
  const candidate = candidates?.[chosen];
  if (!candidates || !candidate) return "";
  const which = candidates.length > 1 ? `Mask ${chosen + 1} of ${candidates.length}` : "One mask";
  const quality = formatQuality(candidate.predictedIou);
  return `${which}: ${formatCount(candidate.areaPx)} pixels, predicted quality ${quality}.`;
}
