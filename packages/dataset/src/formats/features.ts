/**
 * Everything a data set can hold that some format cannot, with how to say so. A format lists what it holds
 * (its `holds`); what a data set has beyond that is counted while it is written and reported as a loss.
 */
export const features = {
  annotationExtra: "further fields of annotations",
  annotationIds: "annotation ids",
  annotations: "masks beyond those the format can number",
  annotator: "which annotator drew a mask",
  areas: "areas that differ from the pixel count",
  bareBoxes: "boxes without a mask",
  boxes: "boxes that differ from the mask's tight box",
  categories: "classes of annotations, with their names",
  categoryExtra: "further fields of classes",
  categoryIds: "the ids of classes",
  cropBoxes: "the crops masks were found in",
  crowd: "crowd flags",
  emptyMasks: "masks without a pixel",
  exactMasks: "masks to the pixel",
  fileNames: "names of image files that not every system takes, or that are the format's own (changed)",
  holes: "holes in masks",
  ignoreRegions: "regions to ignore",
  imageExtra: "further fields of images",
  imageIds: "image ids",
  info: "information about the data set",
  instances: "which masks of one class are objects of their own",
  isThing: "whether a mask is a thing or stuff",
  licenses: "image licences",
  lvisImageCategories: "LVIS's lists of absent and not exhaustively annotated classes",
  overlaps: "pixels that belong to several masks",
  parts: "masks of several separate parts",
  pointCoords: "the points that prompted masks",
  polygons: "outlines (the masks made of them are kept)",
  predictedIou: "predicted IoUs",
  sameNames: "classes that have the name of another (they become one)",
  stabilityScore: "stability scores",
  supercategories: "supercategories",
} as const;

/** The name of something only some formats can hold. */
export type Feature = keyof typeof features;

/** What a target format could not take over. */
export interface Loss {
  readonly feature: Feature;
  /** What is lost, in words. */
  readonly what: string;
  /** How many images, annotations, classes or (for `overlaps`) pixels it concerns. */
  readonly count: number;
}
