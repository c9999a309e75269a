import { createGraphBuilder, type Graph, type WeightShapes } from "@segany/graph";
import { concat, gather, slice } from "@segany/graph/ops";
import type { FovealDecoder } from "../../../model/model-family.js";
import { type Architecture, embeddingSide, maskSide } from "../architecture.js";
import { declarePromptInputs, wantedMasks } from "../decoder-inputs.js";
import { outputTokens } from "../mask-decoder.js";
import { embedSparsePrompts } from "../prompt-encoder.js";
import { declarePrepared } from "./decoder-preparation.js";
import { BLOCK, fovealCellCount, fovealCells, fovealWeights } from "./foveal-cells.js";
import { maskLogits, predictedIou } from "./mask-head.js";
import { projectedCells } from "./projected-cells.js";
import { fromRows } from "./token-rows.js";
import { fastTwoWayTransformer } from "./two-way-transformer.js";
import { firstUpscaling } from "./upscaling.js";

/** Side of the window, cells of the embedding: a quarter of a published model's. */
const WINDOW_CELLS = 16;

/** The family's foveal form; undefined where the embedding can't be cut into blocks. */
export function fovealDecoder(architecture: Architecture): FovealDecoder | undefined {
  const side = embeddingSide(architecture.encoder);
  if (side % BLOCK !== 0) return undefined;
  const window = Math.min(WINDOW_CELLS, side);
  const cellPx = architecture.encoder.imageSize / side;
  const scale = maskSide(architecture.encoder) / side;
  return {
    windowPx: window * cellPx,
    graph: (tensors) => buildFovealDecoder(tensors, architecture, window),
    place(centreX, centreY) {
      const { cells, x, y } = fovealCells(side, window, centreX / cellPx, centreY / cellPx);
      const data = BigInt64Array.from(cells, BigInt);
      return {
        inputs: { cells: { dtype: "int64", shape: [cells.length], data } },
        x: scale * x,
        y: scale * y,
        side: scale * window,
      };
    },
  };
}

/**
 * A decoder that looks closely at a window of the image and only in passing at the rest: for small objects,
 * at a fraction of the work. It is not exact: outside the window, from the second layer on, one cell stands
 * for its block.
 *
 * Inputs: the outputs of `buildDecoderPreparation`, `cells` (see `fovealCells`, S' int64) and points as of
 * `declarePromptInputs`. Outputs: `iou_predictions` Bx3 and `low_res_logits` Bx3x4Wx4W, of the window alone.
 *
 * @param window side of the window, cells
 * @throws SamError `option-invalid` for a window that does not fit, `checkpoint-invalid` for a missing tensor
 */
export function buildFovealDecoder(weights: WeightShapes, architecture: Architecture, window: number): Graph {
  const side = embeddingSide(architecture.encoder);
  const g = createGraphBuilder("foveal_decoder", weights);
  const { imageTokens, shared } = declarePrepared(g, architecture, true);
  const cells = g.input("cells", "int64", [fovealCellCount(side, window)]);
  const options = { masks: "three", maskInput: false, ragged: false, extraTokens: false } as const;
  const sparse = embedSparsePrompts(
    g,
    declarePromptInputs(g, architecture, options),
    architecture.encoder.imageSize,
  ); // BxNxC
  const { first, count } = wantedMasks(options.masks, architecture.decoder.numMaskTokens);
  const masks = Array.from({ length: count }, (_, i) => first + i);
  const state = fastTwoWayTransformer(
    g,
    {
      tokens: concat(g, [outputTokens(g, sparse), sparse], 1), // Bx(5+N)xC
      imageTokens: gather(g, imageTokens, cells, 1), // 1xS'xC
      shared: { ...shared!, queries: gather(g, shared!.queries, cells, 2) },
      tokenBias: undefined,
      wanted: [0, ...masks.map((mask) => 1 + mask)],
      sampling: { cells, weights: g.constant(fovealWeights(side, window), [cells.shape[0] as number]) },
    },
    architecture,
  );
  const tokens = fromRows(g, state.tokens, state.layout, [Number(state.tokens.shape[1])]); // BxWxC
  const token = (index: number) => slice(g, tokens, 1, index, index + 1); // Bx1xC
  g.output("iou_predictions", predictedIou(g, token(0), masks)); // Bx3
  const seen = window * window;
  const windowCells = slice(g, cells, 0, 0, seen);
  const pixels = shared!.pixels.map((half) => gather(g, half, windowCells, 1));
  const upscaled = projectedCells(g, pixels, state.steps, firstUpscaling(g), seen);
  const maskTokens = masks.map((_, i) => token(1 + i));
  g.output("low_res_logits", maskLogits(g, maskTokens, first, upscaled, window));
  return g.finish();
}
