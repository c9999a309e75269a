import type { Accepts, CocoBoxXywh, ImagePoint, Rle } from "@segany/masks";
import type { OnProblem } from "./errors.js";
import type { OnReadLoss } from "./read-losses.js";

/** What a JSON file can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object; a key that is absent and one that is `undefined` are the same. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** An image of a data set. Its pixels stay in their file until `open` is called. */
export interface DatasetImage {
  /** Unique within the data set; formats without ids count from 1 in the order of their files. */
  readonly id: number;
  /**
   * Relative to the folder of images, with `/` between folders; never absolute and never with `..`
   * (`checkFileName`).
   */
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  /**
   * Reads the encoded file (JPEG, PNG, …) anew at each call. Absent when there is no image file.
   *
   * @param headBytes enough for the caller: what comes may end behind so many bytes
   */
  readonly open?: (headBytes?: number) => Promise<Uint8Array>;
  /** LVIS: classes checked to be absent from the image. */
  readonly negCategoryIds?: readonly number[];
  /** LVIS: classes of which not every object is annotated. */
  readonly notExhaustiveCategoryIds?: readonly number[];
  /** Fields of the file without a name here, as they were. */
  readonly extra?: JsonObject;
}

/**
 * One object of an image, whatever format it came from: a mask, or a box where nobody has drawn a mask
 * (`hasMask`).
 */
export interface Annotation {
  /** Unique within the data set (in SA-1B's own files and in formats without ids: within the image). */
  readonly id: number;
  /**
   * Compressed COCO RLE of the image's size: the mask itself, which all else describes. Absent for a box
   * alone.
   */
  readonly segmentation?: Rle;
  /**
   * Pixels, COCO's form: width = last column - first column + 1. What the file states (COCO's polygons have
   * boxes with fractions), with Meta's boxes, one less wide and high, brought to this form; computed from the
   * mask where the file says nothing.
   */
  readonly bboxXywh: Accepts<CocoBoxXywh>;
  /**
   * Pixels, as the file states it (of COCO's polygons: with fractions), or counted; of a box alone, the
   * box's.
   */
  readonly area: number;
  /** COCO: one region for a crowd of objects, not to be scored as one. */
  readonly isCrowd: boolean;
  /** One of the data set's categories; absent where masks have no class. */
  readonly categoryId?: number;
  /** The model's own estimate of the mask's IoU with the truth. */
  readonly predictedIou?: number;
  /** IoU of the masks at a raised and a lowered threshold. */
  readonly stabilityScore?: number;
  /** The crop the mask was found in, pixels of the image. */
  readonly cropBoxXywh?: Accepts<CocoBoxXywh>;
  /** The points that prompted the mask, pixels of the image. */
  readonly pointCoords?: readonly Accepts<ImagePoint>[];
  /** Which of several annotators of the same image drew the mask. */
  readonly annotator?: number | string;
  /**
   * A countable object (true) or a region of stuff such as sky (false); absent: ask the category, else an
   * object.
   */
  readonly isThing?: boolean;
  /**
   * The outlines the mask was filled from by the COCO tools' rule, each x0, y0, x1, y1, … in pixels. Kept so
   * that writing them again changes nothing; whoever changes `segmentation` must leave them out.
   */
  readonly polygons?: readonly (readonly number[])[];
  /** Fields of the file without a name here, as they were. */
  readonly extra?: JsonObject;
}

/** An annotation that has a mask. */
export interface MaskAnnotation extends Annotation {
  readonly segmentation: Rle;
}

/**
 * Whether there is a mask, and not a box alone.
 *
 * @example
 * console.log(hasMask({ id: 1, bboxXywh: [5, 8, 10, 4], area: 40, isCrowd: false })); // false
 */
export function hasMask(annotation: Annotation): annotation is MaskAnnotation {
  return annotation.segmentation !== undefined;
}

/** A region of an image to leave out when scoring: unlabelled, or a crowd that is in no annotation. */
export interface IgnoreRegion {
  /** Compressed COCO RLE of the image's size. */
  readonly segmentation: Rle;
  readonly categoryId?: number;
  /** Fields of the file without a name here, as they were. */
  readonly extra?: JsonObject;
}

/** An image and all its masks: what every reader yields and every writer takes. */
export interface DatasetRecord {
  readonly image: DatasetImage;
  readonly annotations: readonly Annotation[];
  readonly ignoreRegions?: readonly IgnoreRegion[];
}

/** A record without boxes that have no mask. */
export interface MaskRecord extends DatasetRecord {
  readonly annotations: readonly MaskAnnotation[];
}

/**
 * A record with its masks alone, without boxes that have none.
 *
 * @example
 * const box = { id: 1, bboxXywh: [5, 8, 10, 4] as const, area: 40, isCrowd: false };
 * const image = { id: 1, fileName: "a.jpg", width: 64, height: 48 };
 * console.log(withMasksAlone({ image, annotations: [box] }).annotations.length); // 0
 */
export function withMasksAlone(record: DatasetRecord): MaskRecord {
  const { annotations } = record;
  return annotations.every(hasMask)
    ? { ...record, annotations }
    : { ...record, annotations: annotations.filter(hasMask) };
}

/** A class of masks. */
export interface Category {
  readonly id: number;
  readonly name: string;
  readonly supercategory?: string;
  /** Countable objects (true) or stuff such as sky (false). */
  readonly isThing?: boolean;
  /** Fields of the file without a name here, as they were: LVIS's `synset`, `frequency`, `def`, … */
  readonly extra?: JsonObject;
}

/** How far reading has come. */
export interface ReadProgress {
  /** Images given so far, with their annotations. */
  readonly images: number;
  readonly annotations: number;
  /** All images, where that is known before the end. */
  readonly totalImages?: number;
}

/** Who is told what a reader leaves out. */
export interface ReadTakers {
  /**
   * Takes what is wrong with a record, which is then left out; without it, the first such error ends the
   * pass.
   */
  readonly onProblem?: OnProblem | undefined;
  /** Takes what is right but has no place in a record, such as a line without an area. */
  readonly onLoss?: OnReadLoss | undefined;
}

/** Settings of one pass over a data set. */
export interface RecordsOptions extends ReadTakers {
  readonly signal?: AbortSignal | undefined;
  /** Called after each image. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/**
 * A data set opened for reading. What is here is small; the records come one at a time, so a data set may be
 * larger than memory.
 */
export interface Dataset {
  /** The folder's or file's own name, for messages and reports. */
  readonly name: string;
  /** The name of the format it was read from. */
  readonly format: string;
  /** Which part of a set it is, such as "train"; formats with a file a part are written with this name. */
  readonly part?: string;
  /** Empty where masks have no classes. */
  readonly categories: readonly Category[];
  /** Whatever the file says about itself (`info` of COCO's files). */
  readonly info?: JsonObject;
  /** The image licences of COCO's files, to which `extra.license` of an image refers. */
  readonly licenses?: readonly JsonObject[];
  /** Known without a pass over the records in some formats. */
  readonly imageCount?: number;
  readonly annotationCount?: number;
  /**
   * Each call is a new pass from the start, in the same order. Leaving the loop early frees what the pass
   * holds.
   */
  records(options?: RecordsOptions): AsyncIterable<DatasetRecord>;
}
