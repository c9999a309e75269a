/** For what the graphs of a model are built. */

import type { Precision } from "@segany/graph";
import type { MaskTokens } from "./prompt-batch.js";

/** Whether a graph is written for reading, export and gradients, or for speed. */
export type GraphForm = "plain" | "fast";

/** How an encoder is written in plain form. */
export interface PlainEncoderOptions {
  readonly form: "plain";
  readonly opset?: number;
}

/** How an encoder is written in fast form. */
export interface FastEncoderOptions {
  readonly form?: "fast";
  readonly precision?: Precision;
  /** Threads that will run it; two by default. Other numbers are no less right, but leave threads idle or take memory. */
  readonly threads?: number;
}

/** How an encoder is written. */
export type EncoderGraphOptions = PlainEncoderOptions | FastEncoderOptions;

/** What a decoder graph is built for. Leaving out what is not needed makes it faster. */
export interface DecoderOptions {
  readonly masks: MaskTokens;
  /** Takes `mask_input` and `has_mask_input`. */
  readonly maskInput: boolean;
  /** Honours the label -2. Without it every token counts. */
  readonly ragged: boolean;
  /** Takes `extra_tokens`, which stand after the points' tokens. */
  readonly extraTokens: boolean;
}

/** The options of Meta's `scripts/export_onnx_model.py`. */
export interface ExportOptions {
  /** One mask: the first token's for three points or more, else the best of the other three. */
  readonly returnSingleMask?: boolean;
  /** Stability scores of the low-resolution masks in place of predicted IoU. */
  readonly useStabilityScore?: boolean;
  /** Also stability scores and areas of the full-size masks. */
  readonly returnExtraMetrics?: boolean;
  /** GELU by its tanh formula, for runtimes that lack erf. */
  readonly geluApproximate?: boolean;
}
