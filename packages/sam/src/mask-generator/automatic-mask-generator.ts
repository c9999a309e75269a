import type { MaskRecordOf, OutputMode, RgbaImage } from "@segany/masks";
import type { Engine } from "../engine/types.js";
import { checkImage } from "../images/check-image.js";
import type { SelectionOptions } from "../proposals/selection.js";
import { DecodedProposals } from "./decoded-proposals.js";
import { type GenerateOptions, type ImageSearch, proposeCrops } from "./propose-crops.js";
import { type MaskGeneratorOptions, type MaskGeneratorSettings, resolveSettings } from "./settings.js";

/** The parts of a model that the generator needs. */
export interface MaskGeneratorModel {
  readonly engine: Engine;
}

/**
 * Finds all masks of an image by prompting the model with a grid of points (paper, section 5 and appendix B;
 * Meta's `SamAutomaticMaskGenerator`). Thresholds that are kept with fine-tuned weights
 * (`sam.model.everythingThresholds`) are used where the options have none.
 *
 * @example
 * const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 8 }); // 32 by default
 * for (const mask of await generator.generate(image)) console.log(mask.area, mask.predictedIou,
 * mask.bboxXywh);
 */
export class SamAutomaticMaskGenerator<Mode extends OutputMode = "binary_mask"> {
  readonly settings: MaskGeneratorSettings;
  readonly #engine: Engine;

  /** @throws SamError `option-invalid` for a value out of range */
  constructor(sam: MaskGeneratorModel, options: MaskGeneratorOptions & { readonly outputMode?: Mode } = {}) {
    this.#engine = sam.engine;
    this.settings = resolveSettings(options, sam.engine.model.everythingThresholds);
  }

  /**
   * Returns all masks of an image. The caller's event loop stays free; `signal` stops the work between
   * batches.
   *
   * @throws SamError `aborted`, `image-empty`, or an error of the device
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
   * Decodes once and keeps the candidates, so that thresholds can be changed afterwards without decoding
   * again: see {@link DecodedProposals.select}. Call `release` when done: candidates use memory.
   */
  async decode(
    image: RgbaImage,
    options: GenerateOptions & {
      /**
       * Candidates below these thresholds, and below the generator's own, are discarded to save memory, and
       * can't be selected later; default 0 and 0.
       */
      readonly floor?: Pick<SelectionOptions, "predIouThresh" | "stabilityScoreThresh">;
    } = {},
  ): Promise<DecodedProposals<Mode>> {
    const { predIouThresh, stabilityScoreThresh } = this.settings;
    const floor = {
      predIouThresh: Math.min(options.floor?.predIouThresh ?? 0, predIouThresh),
      stabilityScoreThresh: Math.min(options.floor?.stabilityScoreThresh ?? 0, stabilityScoreThresh),
    };
    return this.#decode(image, floor, options);
  }

  async #decode(
    image: RgbaImage,
    floor: ImageSearch["floor"],
    options: GenerateOptions,
  ): Promise<DecodedProposals<Mode>> {
    checkImage(image);
    const engine = this.#engine;
    const { settings } = this;
    const searchId = nextSearchId++;
    try {
      const timings = await proposeCrops(engine, { image, settings, searchId, floor }, options);
      return new DecodedProposals<Mode>(engine, settings, searchId, timings);
    } catch (error) {
      await engine.release(searchId).catch(() => undefined);
      throw error;
    }
  }
}

/** Search ids are assigned by callers, so that an engine can serve several generators. */
let nextSearchId = 1;
