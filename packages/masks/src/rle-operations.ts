/** What can be done with masks in COCO's forms, as files have them. Work in memory has the same on runs. */
import { SamError } from "./errors.js";
import type { Accepts, CocoBoxXywh } from "./frames.js";
import { rleToRuns } from "./read-rle.js";
import { runsToRle } from "./rle.js";
import { iouOfRuns, sharedAreaOfRuns } from "./run-iou.js";
import { areaOfRuns, boxOfRuns } from "./run-measures.js";
import { cropRuns, intersectRuns, placeRuns, uniteRuns } from "./run-operations.js";
import { removeSmallRegionsOfRuns, type SmallRegionOptions } from "./run-regions.js";
import type { AnyRle, MaskRuns, Rle, Size } from "./types.js";

/**
 * The number of inside pixels.
 *
 * @example
 * console.log(rleArea(encodeRle(mask))); // 9
 */
export function rleArea(rle: AnyRle): number {
  return areaOfRuns(rleToRuns(rle));
}

/**
 * The tight box in pixels as the COCO tools give it: width = last column - first column + 1; [0, 0, 0, 0] for
 * an empty mask. Meta's generator writes one pixel less (`maskToBoxXyxy`, `boxXyxyToXywh`).
 *
 * @example
 * console.log(rleToBoxXywh(encodeRle(mask))); // [ 0, 0, 6, 3 ]
 */
export function rleToBoxXywh(rle: AnyRle): CocoBoxXywh {
  return boxOfRuns(rleToRuns(rle));
}

/**
 * The union of masks of one image, or what all of them share.
 *
 * @returns canonical runs (no empty ones)
 * @throws SamError `rle-invalid` when there is none or sizes differ
 *
 * @example
 * const size = { width: 6, height: 4 };
 * const masks = [boxToRle([0, 0, 3, 4], size), boxToRle([2, 0, 4, 4], size)];
 * console.log(rleArea(mergeRles(masks)), rleArea(mergeRles(masks, { intersect: true }))); // 24 4
 */
export function mergeRles(rles: readonly AnyRle[], { intersect = false }: { intersect?: boolean } = {}): Rle {
  const [first, ...rest] = rles;
  if (!first)
    throw new SamError("rle-invalid", "Merging needs at least one RLE; there is none to take the size from.");
  const merge = intersect ? intersectRuns : uniteRuns;
  const merged = rest.reduce((runs, rle) => merge(runs, rleToRuns(rle)), rleToRuns(first));
  return runsToRle(withoutEmptyRuns(merged));
}

/**
 * The number of pixels that are inside both masks.
 *
 * @example
 * const size = { width: 6, height: 4 };
 * console.log(rleIntersection(boxToRle([0, 0, 3, 4], size), boxToRle([2, 0, 4, 4], size))); // 4
 */
export function rleIntersection(a: AnyRle, b: AnyRle): number {
  return sharedAreaOfRuns(rleToRuns(a), rleToRuns(b));
}

/**
 * Intersection over union of every mask of `a` with every mask of `b`, as the COCO tools compute it: 0 where
 * nothing is shared, and for a crowd region in `b` the intersection over the area of the mask in `a` alone.
 *
 * @returns |a| x |b| ratios, row-major
 * @throws SamError `rle-invalid` when sizes differ, `option-invalid` when `crowd` has another length than `b`
 *
 * @example
 * const size = { width: 6, height: 4 };
 * const [left, right] = [boxToRle([0, 0, 4, 4], size), boxToRle([2, 0, 4, 4], size)];
 * console.log(rleIou([left], [left, right])); // Float64Array(2) [ 1, 0.3333333333333333 ]
 */
export function rleIou(
  a: readonly AnyRle[],
  b: readonly AnyRle[],
  options: {
    /** For each mask of `b`, whether it is a crowd region; none by default. */
    readonly crowd?: readonly boolean[];
  } = {},
): Float64Array {
  return iouOfRuns(
    a.map((rle) => rleToRuns(rle)),
    b.map((rle) => rleToRuns(rle)),
    options,
  );
}

/**
 * Cuts a box out of a mask.
 *
 * @param boxXywh whole pixels inside the mask's image
 * @returns a mask of the box's size
 * @throws SamError `option-invalid` when the box doesn't lie inside the image
 *
 * @example
 * console.log(rleArea(cropRle(encodeRle(mask), [0, 0, 3, 3]))); // 8
 */
export function cropRle(rle: AnyRle, boxXywh: Accepts<CocoBoxXywh>): Rle {
  return runsToRle(cropRuns(rleToRuns(rle), boxXywh));
}

/**
 * Puts a mask of a crop back into the whole image; everything else is outside (`uncrop_masks` in Meta's
 * repository).
 *
 * @param originX column of the image at which the crop's first column lies
 * @param originY row of the image at which the crop's first row lies
 * @param size the image's size in pixels
 * @throws SamError `option-invalid` when the crop doesn't lie inside the image
 *
 * @example
 * const placed = placeRle(encodeRle(mask), 10, 20, { width: 100, height: 100 });
 * console.log(rleToBoxXywh(placed)); // [ 10, 20, 6, 3 ]
 */
export function placeRle(rle: AnyRle, originX: number, originY: number, size: Size): Rle {
  return runsToRle(placeRuns(rleToRuns(rle), originX, originY, size));
}

/**
 * `removeSmallRegions` on run lengths: the same rule, with work by the number of runs instead of that of
 * pixels.
 *
 * @param areaThresholdPx regions of fewer pixels go
 * @returns canonical runs; equal to those given where nothing had to change
 * @throws SamError `rle-invalid`
 *
 * @example
 * console.log(rleArea(removeSmallRegionsRle(encodeRle(mask), 2, "islands"))); // 8
 */
export function removeSmallRegionsRle(
  rle: AnyRle,
  areaThresholdPx: number,
  mode: "holes" | "islands",
  options: SmallRegionOptions = {},
): Rle {
  const { runs } = removeSmallRegionsOfRuns(rleToRuns(rle), areaThresholdPx, mode, options);
  return runsToRle(withoutEmptyRuns(runs));
}

/** Merging a mask with itself makes its runs canonical. */
function withoutEmptyRuns(runs: MaskRuns): MaskRuns {
  return uniteRuns(runs, runs);
}
