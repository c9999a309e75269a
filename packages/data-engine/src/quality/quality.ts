import type { Db } from "../context.js";
import { getProject } from "../projects/projects.js";
import { dayOf } from "../statistics/add-to-statistics.js";
import { daysOf, keyOf, type StatisticsFilter, type StatisticsKey } from "../statistics/statistics-key.js";
import { compareReplicas, compareWithTruth } from "./compare-masks.js";
import { type MadeMask, readReviewedMasks } from "./made-masks.js";

/** At most so many masks and images are looked at: with more, the figures are those of a sample. */
const MAX_MASKS = 10_000;
const MAX_IMAGES = 200;

/** What became of masks in review, and how well they agree with others. */
export interface Quality {
  /** Masks of accepted jobs, except those that who made them took back: the sum of the next three. */
  readonly reviewed: number;
  /** Accepted as they were made. */
  readonly kept: number;
  /** Accepted after another had changed them. */
  readonly corrected: number;
  /** Deleted by another. */
  readonly removed: number;
  /** `kept` of `reviewed`; null without any. */
  readonly acceptedShare: number | null;
  /** Mean IoU to ground truth, 0 for a mask that it does not have; null without ground truth. */
  readonly truthIou: number | null;
  /** Mean IoU to the masks of other replicas, 0 for a mask that another lacks; null without replicas. */
  readonly agreement: number | null;
}

export interface GroupedQuality {
  /** Whether only a part of the masks was looked at. */
  readonly isSample: boolean;
  readonly total: Quality;
  readonly groups: ReadonlyMap<string, Quality>;
}

/** By who made them, how, with which model, in which stage, and when; by the class that they have now. */
export async function readQuality(
  db: Db,
  project: string,
  { by, ...period }: StatisticsFilter,
): Promise<GroupedQuality> {
  const { settings } = await getProject(db, project);
  const { masks, isSample } = await readReviewedMasks(db, project, MAX_MASKS);
  const inTruth = await compareWithTruth(db, project, settings.agreementIou, MAX_IMAGES);
  const inReplicas = await compareReplicas(db, project, settings.agreementIou, MAX_IMAGES);
  const { first = -Infinity, last = Infinity } = daysOf(period);
  const groups = new Map<string, Sums>();
  const total = newSums();
  const add = (mask: MadeMask, change: (sums: Sums) => void) => {
    const day = dayOf(mask.createdAt);
    if (day < first || day > last) return;
    const key = keyOf(by, groupOf(mask, by));
    const sums = groups.get(key) ?? newSums();
    groups.set(key, sums);
    for (const each of [sums, total]) change(each);
  };
  for (const mask of masks) {
    const fate = fateOf(mask);
    if (fate) add(mask, (sums) => void sums[fate]++);
  }
  for (const { mask, iou } of inTruth) add(mask, (sums) => void sums.truth.push(iou));
  for (const { mask, iou } of inReplicas) add(mask, (sums) => void sums.replicas.push(iou));
  return {
    isSample,
    total: toQuality(total),
    groups: new Map([...groups].map(([key, sums]) => [key, toQuality(sums)])),
  };
}

interface Sums {
  kept: number;
  corrected: number;
  removed: number;
  /** IoUs. */
  readonly truth: number[];
  readonly replicas: number[];
}

const newSums = (): Sums => ({ kept: 0, corrected: 0, removed: 0, truth: [], replicas: [] });

/** null for a mask that its maker took back. */
function fateOf({ corrections, isDeleted }: MadeMask): "kept" | "corrected" | "removed" | null {
  if (isDeleted) return corrections > 0 ? "removed" : null;
  return corrections > 0 ? "corrected" : "kept";
}

function groupOf(mask: MadeMask, by: StatisticsKey): string | number {
  if (by === "day" || by === "week") return dayOf(mask.createdAt);
  return by === "class" ? mask.className : mask[by];
}

function toQuality({ kept, corrected, removed, truth, replicas }: Sums): Quality {
  const reviewed = kept + corrected + removed;
  return {
    ...{ reviewed, kept, corrected, removed },
    acceptedShare: reviewed === 0 ? null : kept / reviewed,
    truthIou: meanOf(truth),
    agreement: meanOf(replicas),
  };
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of a group without reviewed masks. */
export const NO_QUALITY: Quality = toQuality(newSums());
