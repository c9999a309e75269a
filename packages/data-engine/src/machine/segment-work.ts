import { iouOfRuns, type MaskRuns } from "@segany/masks";
import type { Provenance } from "../annotations/annotation.js";
import { type PrefilledMask, prefillImage } from "../annotations/prefill-image.js";
import { uuidOf } from "../annotations/uuid-of.js";
import { audit } from "../audit.js";
import type { Context } from "../context.js";
import { getTask } from "../work/tasks.js";
import type { WorkHandler } from "../work-items/run-item.js";
import { countOpen, type ImagePosition, openImages } from "./open-images.js";

/** Kind of the work that looks for all objects on a task's images: everything mode. */
export const SEGMENT = "segment";

/** Settings of everything mode; what is absent is as the behaviour has it. */
export interface SegmentSettings {
  readonly behaviour?: "official" | "paper" | "fast";
  readonly pointsPerSide?: number;
  readonly predIouThresh?: number;
  readonly stabilityScoreThresh?: number;
  /** Pixels; smaller islands and holes are removed. */
  readonly minMaskRegionArea?: number;
}

/** Payload of {@link SEGMENT}. */
export interface SegmentWork {
  readonly task: string;
  /** Of the masks; null for none. */
  readonly className: string | null;
  readonly settings: SegmentSettings;
}

/** What everything mode found on an image. */
export interface FoundMasks {
  readonly model: NonNullable<Provenance["model"]>;
  readonly masks: readonly {
    readonly mask: PrefilledMask["mask"];
    readonly scores: Readonly<Record<string, number>>;
    /** The points that prompted it, and the crop that it was found in. */
    readonly pointCoords: readonly (readonly number[])[];
    readonly cropBoxXywh: readonly number[];
  }[];
}

/**
 * Runs everything mode on an image.
 *
 * @returns undefined for an image that can't be read
 */
export type FindMasks = (
  image: string,
  of: { readonly project: string; readonly settings: SegmentSettings },
  signal: AbortSignal,
) => Promise<FoundMasks | undefined>;

/** How far the work is, and its result. */
export interface SegmentProgress {
  readonly done: number;
  readonly total: number;
  readonly masks: number;
  /** Images that somebody worked on, or labelled in the meantime: they are left alone. */
  readonly busy: number;
  readonly unreadable: number;
  /** Where the next attempt goes on. */
  readonly last: ImagePosition | null;
}

/** IoU from which a mask shows an object that has one already. */
const SAME_OBJECT = 0.5;

const isSame = (there: readonly MaskRuns[], mask: MaskRuns): boolean =>
  iouOfRuns([mask], there).some((iou) => iou >= SAME_OBJECT);

/**
 * The handler of {@link SEGMENT}. The masks of an image are stored with the note that the image is done, so a
 * later attempt goes on with the next one. What is there stays; objects that have a mask get no second one.
 */
export function createSegmentWork({ db, now }: Context, find: FindMasks): WorkHandler {
  return async ({ payload, progress }, { signal, advance }) => {
    const work = payload as SegmentWork;
    const { project } = await getTask(db, work.task);
    let sums = (progress as SegmentProgress | null) ?? {
      ...{ done: 0, total: await countOpen(db, work.task, null), masks: 0, busy: 0, unreadable: 0 },
      last: null,
    };
    for await (const { job, image, at } of openImages(db, work.task, sums.last)) {
      signal.throwIfAborted();
      const found = await find(image, { project, settings: work.settings }, signal);
      const before = sums;
      await advance(async (trx) => {
        const place = found && { job, image, run: runOf(work, found), isSame };
        const ids = place && (await prefillImage(trx, now(), place, toPrefilled(found, work)));
        sums = {
          ...{ ...before, done: before.done + 1, masks: before.masks + (ids?.length ?? 0), last: at },
          busy: before.busy + (found && !ids ? 1 : 0),
          unreadable: before.unreadable + (found ? 0 : 1),
        };
        return sums;
      });
    }
    return async (trx) => {
      const { last: _, ...result } = sums;
      await audit(trx, now(), {
        ...{ person: null, event: "complete:segment", project, object: work.task, details: result },
      });
      return result;
    };
  };
}

/** With the same model and settings the same mask is the same object. */
function runOf({ className, settings }: SegmentWork, { model }: FoundMasks): string {
  return uuidOf(JSON.stringify([SEGMENT, model.hash, className, Object.entries(settings).sort()]));
}

function toPrefilled({ masks, model }: FoundMasks, work: SegmentWork): PrefilledMask[] {
  const { behaviour = "official", ...thresholds } = work.settings;
  return masks.map(({ mask, ...detail }) => ({
    mask,
    className: work.className,
    provenance: { source: "automatic", model, thresholds, behaviour, ...detail },
  }));
}
