/** The images of a job, and which comes next. */
import { StudioError } from "../errors.js";
import { issuesOf, type Work, type WorkImage } from "../state/work.js";

/** The first with an open issue, or that is not labelled. */
export function firstImage(work: Work): string {
  const hasIssue = ({ id }: WorkImage) => issuesOf(work, id).some(({ isResolved }) => !isResolved);
  const first =
    work.images.find(hasIssue) ?? work.images.find(({ state }) => state === "open") ?? work.images[0];
  if (first) return first.id;
  throw new StudioError("not-found", "The job has no images.");
}

/** After an image, or from the start. */
export function nextOpenImage(images: readonly WorkImage[], after: string): string | undefined {
  const place = images.findIndex(({ id }) => id === after);
  return [...images.slice(place + 1), ...images].find(({ state }) => state === "open")?.id;
}

/** With another state of one of them. */
export function withState(
  images: readonly WorkImage[],
  imageId: string,
  state: WorkImage["state"],
): readonly WorkImage[] {
  return images.map((image) => (image.id === imageId ? { ...image, state } : image));
}
