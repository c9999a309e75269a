/**
 * Everything that files may say and a record has no place for, or that a reader had to change, with how to
 * say so. Each is counted in a pass and told, as what writers lose is (`features`).
 */
export const readLosses = {
  boxesWithoutSize: "boxes without a width or height (left out)",
  boxesBeyondMask: "boxes that can't be, beside a good mask (the mask's own is taken)",
  changedNames: "names of image files that differ in capitals from the files (these are taken)",
  imageTags: "tags and ratings of whole images",
  keypoints: "keypoints, skeletons and points",
  lines: "lines, which have no area",
  links: "relations between objects",
  missingImages: "image files that are not there",
  otherAnnotators: "annotations and predictions of others than the first annotator",
  partLists: "lists of the images of parts, such as train and val",
  partsWithoutArea: "parts of outlines with less than 3 corners",
  rotations: "rotations of boxes (their corners are taken as outlines)",
  softPixels: "masks with soft edges (cut at half)",
  storedSizes: "images with sizes as stored, before EXIF's turn (their masks are turned with them)",
  tracks: "track and frame numbers",
  unclaimedFiles: "files of masks or labels that belong to no image",
  unclaimedImages: "images without a file of masks or labels",
  unusedClasses: "further lists of classes",
  videoFrames: "frames and objects of videos",
} as const;

/** The name of something that a reader leaves out. */
export type ReadLossKind = keyof typeof readLosses;

/** Takes something that is left out. */
export type OnReadLoss = (kind: ReadLossKind, where: string, count?: number) => void;

/** What readers left out, by kind. */
export interface ReadLoss {
  readonly kind: ReadLossKind;
  /** In words. */
  readonly what: string;
  readonly count: number;
  /** Where the first few are. */
  readonly places: readonly string[];
}

/** Counts what readers leave out. */
export interface ReadLossCounter {
  readonly onLoss: OnReadLoss;
  /** Most frequent first. */
  list(): ReadLoss[];
}

/** Of each kind, so many places are named. */
const maxPlaces = 5;

/**
 * Begins counting what readers leave out.
 *
 * @example
 * const counter = createReadLossCounter();
 * counter.onLoss("lines", "a.json, shape 3");
 * console.log(counter.list()[0]?.what); // lines, which have no area
 */
export function createReadLossCounter(): ReadLossCounter {
  const found = new Map<ReadLossKind, { count: number; places: string[] }>();
  return {
    onLoss(kind, where, count = 1) {
      const known = found.get(kind) ?? { count: 0, places: [] };
      found.set(kind, known);
      known.count += count;
      if (known.places.length < maxPlaces && known.places.at(-1) !== where) known.places.push(where);
    },
    list: () =>
      [...found]
        .map(([kind, { count, places }]) => ({ kind, what: readLosses[kind], count, places }))
        .sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1)),
  };
}
