/** Options for building the graphs of a model. */

import type { Precision } from "@segany/graph";
import type { MaskTokens } from "./prompt-batch.js";

/** Form of a graph: `plain` for reading, export and gradients, `fast` for inference. */
export type GraphForm = "plain" | "fast";

/** Options of an encoder in plain form. */
export interface PlainEncoderOptions {
  readonly form: "plain";
  readonly opset?: number;
}

/** Options of an encoder in fast form. */
export interface FastEncoderOptions {
  readonly form?: "fast";
  readonly precision?: Precision;
  /**
   * Threads that will run it; default 2. Other numbers give the same result, but leave threads idle or use
   * more memory.
   */
  readonly threads?: number;
}

/** Options of an encoder. */
export type EncoderGraphOptions = PlainEncoderOptions | FastEncoderOptions;

/** What a decoder graph is built for. Omitting what is not needed makes it faster. */
export interface DecoderOptions {
  readonly masks: MaskTokens;
  /** Takes `mask_input` and `has_mask_input`. */
  readonly maskInput: boolean;
  /** Handles the label -2. Without it every token counts. */
  readonly ragged: boolean;
  /** Takes `extra_tokens`, which follow the points' tokens. */
  readonly extraTokens: boolean;
}

/** The options of Meta's `scripts/export_onnx_model.py`, and `dynamicBatch`. */
export interface ExportOptions {
  /** Return one mask: the first token's for three points or more, else the best of the other three. */
  readonly returnSingleMask?: boolean;
  /** Return stability scores of the low-resolution masks instead of predicted IoU. */
  readonly useStabilityScore?: boolean;
  /** Also return stability scores and areas of the full-size masks. */
  readonly returnExtraMetrics?: boolean;
  /** Compute GELU by its tanh formula, for runtimes that lack erf. */
  readonly geluApproximate?: boolean;
  /**
   * Take any number of prompts on an image at once, each with the same number of points (pad with points
   * labelled -1). Meta's script has no such option.
   */
  readonly dynamicBatch?: boolean;
}
