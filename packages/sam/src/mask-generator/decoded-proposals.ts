import type { MaskRecordOf, OutputMode } from "@segany/masks";
import type { Engine } from "../engine/types.js";
import type { SelectionOptions } from "../proposals/selection.js";
import type { CropTimings } from "../proposals/types.js";
import { inOutputMode } from "./in-output-mode.js";
import { type MaskGeneratorSettings, resolveSelection } from "./settings.js";

/**
 * The decoded candidates of one image, from which masks can be selected repeatedly.
 *
 * @example
 * const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 4 });
 * const proposals: DecodedProposals = await generator.decode(image);
 * const few = await proposals.select({ predIouThresh: 0.95 });
 * const more = await proposals.select({ predIouThresh: 0.8 });
 * await proposals.release();
 * console.log(few.length <= more.length); // true
 */
export class DecodedProposals<Mode extends OutputMode = "binary_mask"> {
  /** Milliseconds of work for encoding, decoding and post-processing. */
  readonly timings: CropTimings;
  readonly #engine: Engine;
  readonly #settings: MaskGeneratorSettings;
  readonly #searchId: number;

  /** Use `SamAutomaticMaskGenerator.decode` instead. */
  constructor(engine: Engine, settings: MaskGeneratorSettings, searchId: number, timings: CropTimings) {
    this.#engine = engine;
    this.#settings = settings;
    this.#searchId = searchId;
    this.timings = timings;
  }

  /**
   * Selects the masks that pass the thresholds; by default those of the generator.
   *
   * @throws SamError `option-invalid` for a value out of range
   */
  async select(options: SelectionOptions = {}): Promise<MaskRecordOf<Mode>[]> {
    const selection = resolveSelection(options, this.#settings);
    const records = await this.#engine.select({
      searchId: this.#searchId,
      selection,
      behaviour: this.#settings.behaviour,
    });
    return records.map((record) => inOutputMode(record, this.#settings.outputMode as Mode));
  }

  /** Releases the candidates; later calls of `select` fail. */
  async release(): Promise<void> {
    await this.#engine.release(this.#searchId);
  }
}
