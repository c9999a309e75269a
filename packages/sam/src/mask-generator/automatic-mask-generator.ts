import {
  decodeRle,
  decompressRle,
  type MaskRecord,
  type MaskRecordOf,
  type OutputMode,
  type RgbaImage,
  type Rle,
  throwIfAborted,
} from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { Engine } from "../engine/types.js";
import { checkImage } from "../images/check-image.js";
import { prepareImage } from "../preprocessing/prepare-image.js";
import { type Crop, generateCropBoxes } from "../proposals/crops.js";
import type { SelectionOptions } from "../proposals/selection.js";
import type { CropTimings } from "../proposals/types.js";
import {
  type MaskGeneratorOptions,
  type MaskGeneratorSettings,
  resolveSelection,
  resolveSettings,
} from "./settings.js";

/** What can be seen of a running generation. */
export interface GenerationProgress {
  readonly cropsDone: number;
  readonly cropsTotal: number;
  readonly pointsDone: number;
  readonly pointsTotal: number;
  /** Masks rated well enough so far, before unstable ones and duplicates are removed. */
  readonly candidates: number;
}

/** Looks into a running generation. */
export interface MasksSoFar {
  /**
   * The masks that pass the thresholds among the candidates so far, those of the generator where none are given.
   * Later ones may take their places. Not to be called after the generation failed.
   *
   * @throws SamError `option-invalid` for a value out of range
   */
  select(options?: SelectionOptions): Promise<MaskRecord[]>;
}

/** What `generate` and `decode` take beside the image. */
export interface GenerateOptions {
  readonly signal?: AbortSignal;
  /** Called after every batch of points; `found` gives the masks found until then. */
  readonly onProgress?: (progress: GenerationProgress, found: MasksSoFar) => void;
  /** The embedding of the whole image, if it was made before. */
  readonly embedding?: ImageEmbedding;
}

/** What `generate` needs of a model. */
export interface MaskGeneratorModel {
  readonly engine: Engine;
}

/**
 * Finds all masks of an image by prompting the model with a grid of points (paper, section 5 and appendix B; Meta's
 * `SamAutomaticMaskGenerator`).
 *
 * @example
 * const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 32 });
 * for (const mask of await generator.generate(image)) console.log(mask.area, mask.predictedIou, mask.bboxXywh);
 */
export class SamAutomaticMaskGenerator<Mode extends OutputMode = "binary_mask"> {
  readonly settings: MaskGeneratorSettings;
  readonly #engine: Engine;

  /** @throws SamError `option-invalid` for a value out of range */
  constructor(sam: MaskGeneratorModel, options: MaskGeneratorOptions & { readonly outputMode?: Mode } = {}) {
    this.#engine = sam.engine;
    this.settings = resolveSettings(options);
  }

  /**
   * All masks of an image. The caller's event loop stays free; `signal` stops the work between batches.
   *
   * @throws SamError `aborted`, `image-empty`, or what the device reports
   */
  async generate(image: RgbaImage, options: GenerateOptions = {}): Promise<MaskRecordOf<Mode>[]> {
    const { predIouThresh, stabilityScoreThresh } = this.settings;
    const decoded = await this.#decode(image, { predIouThresh, stabilityScoreThresh }, options);
    try {
      return await decoded.select();
    } finally {
      await decoded.release();
    }
  }

  /**
   * Decodes once and keeps what was found, so that thresholds can be moved afterwards without decoding again: see
   * {@link DecodedProposals.select}. Call `release` when done: candidates take memory.
   */
  async decode(
    image: RgbaImage,
    options: GenerateOptions & {
      /** Candidates below these can never be selected, which saves memory; 0 and 0 by default. */
      readonly floor?: Pick<SelectionOptions, "predIouThresh" | "stabilityScoreThresh">;
    } = {},
  ): Promise<DecodedProposals<Mode>> {
    return this.#decode(image, { predIouThresh: 0, stabilityScoreThresh: 0, ...options.floor }, options);
  }

  async #decode(
    image: RgbaImage,
    floor: { readonly predIouThresh: number; readonly stabilityScoreThresh: number },
    options: GenerateOptions,
  ): Promise<DecodedProposals<Mode>> {
    checkImage(image);
    const engine = this.#engine;
    const proposals = nextProposals++;
    const crops = generateCropBoxes(image, this.settings.cropNLayers, this.settings.cropOverlapRatio);
    try {
      const timings = await this.#proposeAll(image, crops, proposals, floor, options);
      return new DecodedProposals<Mode>(engine, this.settings, proposals, timings);
    } catch (error) {
      await engine.release(proposals).catch(() => undefined);
      throw error;
    }
  }

  async #proposeAll(
    image: RgbaImage,
    crops: readonly Crop[],
    proposals: number,
    floor: { readonly predIouThresh: number; readonly stabilityScoreThresh: number },
    { signal, onProgress, embedding }: GenerateOptions,
  ): Promise<CropTimings> {
    const { behaviour, pointGrids, pointsPerBatch, stabilityScoreOffset } = this.settings;
    const soFar: MasksSoFar = {
      select: async (selection = {}) =>
        this.#engine.select({
          proposals,
          selection: resolveSelection(selection, this.settings),
          behaviour,
        }),
    };
    const pointsTotal = crops.reduce((total, crop) => total + pointGrids[crop.layer]!.length, 0);
    const total = { encodeMs: 0, decodeMs: 0, postMs: 0 };
    let pointsBefore = 0;
    let candidatesBefore = 0;
    for (const [index, crop] of crops.entries()) {
      throwIfAborted(signal);
      const input =
        index === 0 && embedding ? embedding : prepareImage(image, this.#engine.model, crop.boxXyxy);
      const pointGrid = pointGrids[crop.layer]!;
      let found = 0;
      const timings = await this.#engine.propose(
        {
          proposals,
          crop,
          imageSize: { width: image.width, height: image.height },
          input,
          pointGrid,
          pointsPerBatch,
          effort: behaviour === "fast" ? "sparse" : "exact",
          stabilityScoreOffset,
          floor,
        },
        {
          signal,
          onProgress: ({ pointsDone, candidates }) => {
            found = candidates;
            const progress = {
              cropsDone: index,
              cropsTotal: crops.length,
              pointsDone: pointsBefore + pointsDone,
              pointsTotal,
              candidates: candidatesBefore + candidates,
            };
            onProgress?.(progress, soFar);
          },
        },
      );
      pointsBefore += pointGrid.length;
      candidatesBefore += found;
      total.encodeMs += timings.encodeMs;
      total.decodeMs += timings.decodeMs;
      total.postMs += timings.postMs;
    }
    return total;
  }
}

/** Numbers of proposals are the caller's, so that an engine may serve several generators. */
let nextProposals = 1;

/** Candidates of one image, decoded; masks are picked from them as often as wished. */
export class DecodedProposals<Mode extends OutputMode = "binary_mask"> {
  /** Busy milliseconds of encoding, decoding and post-processing. */
  readonly timings: CropTimings;
  readonly #engine: Engine;
  readonly #settings: MaskGeneratorSettings;
  readonly #proposals: number;

  /** Made by {@link SamAutomaticMaskGenerator.decode}. */
  constructor(engine: Engine, settings: MaskGeneratorSettings, proposals: number, timings: CropTimings) {
    this.#engine = engine;
    this.#settings = settings;
    this.#proposals = proposals;
    this.timings = timings;
  }

  /**
   * The masks that pass the thresholds; those of the generator where none are given.
   *
   * @throws SamError `option-invalid` for a value out of range
   */
  async select(options: SelectionOptions = {}): Promise<MaskRecordOf<Mode>[]> {
    const selection = resolveSelection(options, this.#settings);
    const records = await this.#engine.select({
      proposals: this.#proposals,
      selection,
      behaviour: this.#settings.behaviour,
    });
    return records.map((record) => withSegmentation(record, this.#settings.outputMode) as MaskRecordOf<Mode>);
  }

  /** Forgets the candidates; `select` fails afterwards. */
  async release(): Promise<void> {
    await this.#engine.release(this.#proposals);
  }
}

function withSegmentation(record: MaskRecord<Rle>, mode: OutputMode): MaskRecordOf<OutputMode> {
  switch (mode) {
    case "binary_mask":
      return { ...record, segmentation: decodeRle(record.segmentation) };
    case "uncompressed_rle":
      return { ...record, segmentation: decompressRle(record.segmentation) };
    case "coco_rle":
      return record;
  }
}
