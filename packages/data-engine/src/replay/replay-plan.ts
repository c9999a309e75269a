import { type MaskRuns, rleToRuns, type Size } from "@segany/masks";
import type { Provenance, Revision } from "../annotations/annotation.js";
import { createAnnotations } from "../annotations/annotations.js";
import type { Context } from "../context.js";
import { DataEngineError } from "../errors.js";
import { type ReadStep, readSteps, refused } from "./read-steps.js";

/** Steps of one revision, with what they need. */
export interface ReplayPart {
  readonly revision: number;
  readonly steps: readonly ReadStep[];
  readonly provenance: Provenance;
}

/** How a mask is made again. */
export interface ReplayPlan {
  readonly annotation: string;
  readonly revision: number;
  /** SHA-256 of the image's file. */
  readonly image: string;
  readonly size: Size;
  /** As it is stored. */
  readonly mask: MaskRuns;
  /** In the order in which they are done; the first begins from nothing. */
  readonly parts: readonly ReplayPart[];
}

/**
 * Collects what a stored mask was made of, over all revisions that it builds on.
 *
 * @param revision the present one by default, or of a deleted object the last with a mask
 * @throws DataEngineError `not-found`, `not-replayable`
 */
export async function planReplay(
  context: Context,
  annotation: string,
  revision?: number,
): Promise<ReplayPlan> {
  const history = await createAnnotations(context).history(annotation);
  const { image, ...size } = await context.db
    .selectFrom("annotation")
    .innerJoin("image", "image.id", "annotation.image_id")
    .select(["image.id as image", "image.width", "image.height"])
    .where("annotation.id", "=", annotation)
    .executeTakeFirstOrThrow();
  const wanted = revision ?? history.findLast(({ mask }) => mask !== null)?.number;
  const found = history.find(({ number }) => number === wanted);
  if (!found?.mask)
    throw new DataEngineError(
      "not-found",
      `The mask ${annotation} has no revision ${wanted ?? 1} with pixels; it has ${history.length} revisions.`,
    );
  return {
    ...{ annotation, revision: found.number, image, size, mask: rleToRuns(found.mask) },
    parts: partsOf(history, found, size, annotation),
  };
}

/** The parts that lead to a revision, the first one first. */
function partsOf(history: readonly Revision[], last: Revision, size: Size, annotation: string): ReplayPart[] {
  const parts: ReplayPart[] = [];
  for (let number: number | null = last.number; number !== null; ) {
    const { provenance } = history.find((revision) => revision.number === number)!;
    const where = `Revision ${number} of the mask ${annotation}`;
    const { restoredFrom, steps: stored } = provenance;
    let before: number | null = typeof restoredFrom === "number" ? restoredFrom : null;
    if (before === null) {
      if (stored === undefined) throw refused(where, reasonWithoutSteps(provenance));
      const steps = readSteps(stored, size, where);
      parts.unshift({ revision: number, steps, provenance });
      if (steps[0]?.kind === "previous") before = number - 1;
    }
    if (before !== null) checkEarlier(history, before, number, where);
    number = before;
  }
  return parts;
}

/** What a revision builds on must be an earlier one, so that each is looked at once. */
function checkEarlier(history: readonly Revision[], wanted: number, than: number, where: string): void {
  const isThere = wanted < than && history.some(({ number, mask }) => number === wanted && mask !== null);
  if (!isThere) throw refused(where, `it builds on revision ${wanted}, which has no mask`);
}

function reasonWithoutSteps({ source }: Provenance): string {
  switch (source) {
    case "imported":
      return "it was imported, and nothing says how it was made";
    case "merged":
      return "it is the majority of several people's masks; their own can be";
    case "automatic":
      return "everything mode or words found it, and their prompts are not recorded";
    case "manual":
    case "semi-automatic":
      return "its prompts and edits are not recorded; masks of this version's studio have them";
  }
}
