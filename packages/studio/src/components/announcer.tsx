import { openDocument, openImage } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import { formatCount, formatQuality } from "../text.js";
import { WAITING_REASONS } from "./asking-again.js";
import { useStudioState } from "./studio-context.js";

/** Says what the image shows to those who don't see it: what the model has answered. */
export function Announcer() {
  const text = useStudioState(announcementOf);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}

function announcementOf(state: StudioState): string {
  const image = openImage(state);
  if (!image) return "";
  if (image.loading.phase === "ready") return maskText(state) || "The image is ready.";
  return image.loading.phase === "failed" ? "" : "The image is being made ready.";
}

function maskText(state: StudioState): string {
  if (state.askingAgain) return `${WAITING_REASONS[state.askingAgain.reason]} The model is asked again soon.`;
  const { alternatives, chosen } = openDocument(state).draft;
  const alternative = alternatives?.[chosen];
  if (!alternatives || !alternative) return "";
  const which = alternatives.length > 1 ? `Mask ${chosen + 1} of ${alternatives.length}` : "One mask";
  const quality = formatQuality(alternative.predictedIou);
  return `${which}: ${formatCount(alternative.areaPx)} pixels, predicted quality ${quality}.`;
}
