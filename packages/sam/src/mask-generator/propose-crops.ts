import { type MaskRecord, type RgbaImage, throwIfAborted } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { Engine } from "../engine/types.js";
import { prepareImage } from "../preprocessing/prepare-image.js";
import { type Crop, generateCropBoxes } from "../proposals/crops.js";
import type { SelectionOptions } from "../proposals/selection.js";
import type { CropTask, CropTimings } from "../proposals/types.js";
import { createProgressCount, type GenerationProgress } from "./generation-progress.js";
import { inOutputMode } from "./in-output-mode.js";
import { type MaskGeneratorSettings, resolveSelection } from "./settings.js";

/** Access to the masks of a running generation. */
export interface MasksSoFar {
  /**
   * Selects the masks that pass the thresholds among the candidates so far; by default those of the
   * generator. Later candidates may replace them. Must not be called after the generation failed.
   *
   * @throws SamError `option-invalid` for a value out of range
   */
  select(options?: SelectionOptions): Promise<MaskRecord[]>;
}

/** Options of `generate` and `decode`. */
export interface GenerateOptions {
  readonly signal?: AbortSignal;
  /** Called after every batch of points; `found` gives access to the masks found so far. */
  readonly onProgress?: (progress: GenerationProgress, found: MasksSoFar) => void;
  /** The embedding of the whole image, if already computed. */
  readonly embedding?: ImageEmbedding;
}

/** The search of one image. */
export interface ImageSearch {
  readonly image: RgbaImage;
  readonly settings: MaskGeneratorSettings;
  /** Number of the candidates in the engine. */
  readonly searchId: number;
  /** Candidates below these thresholds are discarded. */
  readonly floor: CropTask["floor"];
}

/**
 * Makes an engine search the crops of an image, one after another.
 *
 * @returns milliseconds of work for all crops
 */
export async function proposeCrops(
  engine: Engine,
  search: ImageSearch,
  { signal, onProgress, embedding }: GenerateOptions,
): Promise<CropTimings> {
  const { image, settings } = search;
  const crops = generateCropBoxes(image, settings.cropNLayers, settings.cropOverlapRatio);
  const count = createProgressCount(crops.map(({ layer }) => settings.pointGrids[layer]!.length));
  const soFar = masksSoFar(engine, search);
  const total = { encodeMs: 0, decodeMs: 0, postMs: 0 };
  for (const [index, crop] of crops.entries()) {
    throwIfAborted(signal);
    const input = index === 0 && embedding ? embedding : prepareImage(image, engine.model, crop.boxXyxy);
    const timings = await engine.propose(taskFor(crop, input, search), {
      signal,
      onProgress: (progress) => onProgress?.(count.at(progress), soFar),
    });
    count.next();
    total.encodeMs += timings.encodeMs;
    total.decodeMs += timings.decodeMs;
    total.postMs += timings.postMs;
  }
  return total;
}

function taskFor(
  crop: Crop,
  input: CropTask["input"],
  { image: { width, height }, settings, searchId, floor }: ImageSearch,
): CropTask {
  const { behaviour, pointGrids, pointsPerBatch, stabilityScoreOffset } = settings;
  return {
    searchId,
    crop,
    imageSize: { width, height },
    input,
    pointGrid: pointGrids[crop.layer]!,
    pointsPerBatch,
    effort: behaviour === "fast" ? "sparse" : "exact",
    stabilityScoreOffset,
    floor,
  };
}

function masksSoFar(engine: Engine, { settings, searchId }: ImageSearch): MasksSoFar {
  return {
    select: async (options = {}) => {
      const selection = resolveSelection(options, settings);
      const records = await engine.select({ searchId, selection, behaviour: settings.behaviour });
      return records.map((record) => inOutputMode(record, "coco_rle"));
    },
  };
}
