import type { MaskRecordOf, OutputMode } from "@segany/masks";
import type { Engine } from "../engine/types.js";
import type { SelectionOptions } from "../proposals/selection.js";
import type { CropTimings } from "../proposals/types.js";
import { inOutputMode } from "./in-output-mode.js";
import { type MaskGeneratorSettings, resolveSelection } from "./settings.js";

/** Candidates of one image, decoded; masks are picked from them as often as wished. */
export class DecodedProposals<Mode extends OutputMode = "binary_mask"> {
  /** Busy milliseconds of encoding, decoding and post-processing. */
  readonly timings: CropTimings;
  readonly #engine: Engine;
  readonly #settings: MaskGeneratorSettings;
  readonly #proposals: number;

  /** Made by `SamAutomaticMaskGenerator.decode`. */
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
    return records.map((record) => inOutputMode(record, this.#settings.outputMode as Mode));
  }

  /** Forgets the candidates; `select` fails afterwards. */
  async release(): Promise<void> {
    await this.#engine.release(this.#proposals);
  }
}
