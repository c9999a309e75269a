import { invalidCheckpoint, type ShapeReader, unsupportedCheckpoint } from "@segany/graph/weights";
import type { VitArchitecture } from "./architecture.js";

/** Key of the patch embedding, which identifies a plain ViT encoder. */
export const vitMarker = "image_encoder.patch_embed.proj.weight";

/**
 * Infers the parameters of a ViT image encoder of any size. The head's width is that of its relative
 * positions. A table of relative positions has 2s - 1 rows for attention among s x s tokens, which
 * distinguishes windows from the whole image.
 */
export function inferVit(shapes: ShapeReader): VitArchitecture {
  const [embedDim, , patchSize] = shapes.shape(vitMarker, [null, 3, null, null]);
  shapes.shape(vitMarker, [embedDim, 3, patchSize, patchSize]);
  const depth = shapes.count("image_encoder.blocks.");
  if (depth === 0) throw invalidCheckpoint('The checkpoint has no "image_encoder.blocks.0".');
  const first = blockNumbers(shapes, 0, embedDim);
  const relPosRows: number[] = [];
  for (let index = 0; index < depth; index++) {
    const { numHeads, mlpDim, rows } = blockNumbers(shapes, index, embedDim);
    if (numHeads !== first.numHeads || mlpDim !== first.mlpDim) {
      throw unsupportedCheckpoint(
        `image_encoder.blocks.${index} has ${numHeads} heads and a hidden width of ${mlpDim}, ` +
          `block 0 has ${first.numHeads} and ${first.mlpDim}; blocks of one width are read.`,
      );
    }
    relPosRows.push(rows);
  }
  const side = tokenSide(shapes, embedDim, relPosRows);
  return {
    kind: "vit",
    imageSize: side * patchSize,
    patchSize,
    embedDim,
    depth,
    numHeads: first.numHeads,
    mlpDim: first.mlpDim,
    ...attentionKinds(relPosRows, side),
    useRelPos: true,
    outChannels: neckChannels(shapes, embedDim),
  };
}

/**
 * The neck's output width, the embedding's channels; its input is the encoder's width (shared with TinyViT).
 */
export function neckChannels(shapes: ShapeReader, embedDim: number): number {
  const [outChannels] = shapes.shape("image_encoder.neck.0.weight", [null, embedDim, 1, 1]);
  shapes.shape("image_encoder.neck.2.weight", [outChannels, outChannels, 3, 3]);
  shapes.shape("image_encoder.neck.3.weight", [outChannels]);
  return outChannels;
}

function blockNumbers(shapes: ShapeReader, index: number, embedDim: number) {
  const prefix = `image_encoder.blocks.${index}.`;
  shapes.shape(`${prefix}norm1.weight`, [embedDim]);
  if (!shapes.has(`${prefix}attn.rel_pos_h`)) {
    throw unsupportedCheckpoint(
      `The checkpoint has no "${prefix}attn.rel_pos_h": without relative positions its heads and windows cannot be told.`,
    );
  }
  const [rows, headDim] = shapes.shape(`${prefix}attn.rel_pos_h`, [null, null]);
  shapes.shape(`${prefix}attn.rel_pos_w`, [rows, headDim]);
  // In pruned encoders attention is narrower than the block.
  const [, attentionDim] = shapes.shape(`${prefix}attn.proj.weight`, [embedDim, null]);
  shapes.shape(`${prefix}attn.qkv.weight`, [3 * attentionDim, embedDim]);
  if (attentionDim % headDim !== 0 || rows % 2 === 0) {
    throw invalidCheckpoint(
      `"${prefix}attn.rel_pos_h" has shape [${rows}, ${headDim}]; an odd number of rows and a divisor of the ` +
        `attention's width ${attentionDim} would fit.`,
    );
  }
  const [mlpDim] = shapes.shape(`${prefix}mlp.lin1.weight`, [null, embedDim]);
  shapes.shape(`${prefix}mlp.lin2.weight`, [embedDim, mlpDim]);
  return { rows, mlpDim, numHeads: attentionDim / headDim };
}

/**
 * Side of the grid of tokens: from the absolute positions, or from the widest attention where there are none.
 */
function tokenSide(shapes: ShapeReader, embedDim: number, relPosRows: readonly number[]): number {
  const key = "image_encoder.pos_embed";
  if (!shapes.has(key)) return (Math.max(...relPosRows) + 1) / 2;
  const [, side] = shapes.shape(key, [1, null, null, embedDim]);
  shapes.shape(key, [1, side, side, embedDim]);
  return side;
}

/**
 * Which blocks attend to the whole image: those whose table fits the grid. A window may be larger than the
 * grid of a small image, so the larger table need not be theirs. Where no table fits the grid (its positions
 * were resampled), or most blocks would attend to the whole image, the larger table is theirs.
 */
function attentionKinds(
  relPosRows: readonly number[],
  side: number,
): Pick<VitArchitecture, "windowSize" | "globalAttnIndexes"> {
  const distinct = [...new Set(relPosRows)].sort((a, b) => a - b);
  if (distinct.length > 2) {
    throw unsupportedCheckpoint(
      `The encoder's relative positions have ${distinct.join(", ")} rows; one size of window and one for the whole ` +
        "image are read.",
    );
  }
  const fitting = 2 * side - 1;
  const [smaller, larger = fitting] = distinct as [number, number?];
  const isSmallGrid =
    smaller === fitting && 2 * relPosRows.filter((rows) => rows === smaller).length <= relPosRows.length;
  const [whole, windowed] = isSmallGrid ? [smaller, larger] : [larger, smaller];
  const globalAttnIndexes = relPosRows.flatMap((rows, index) => (rows === whole ? [index] : []));
  return {
    windowSize: globalAttnIndexes.length === relPosRows.length ? 0 : (windowed + 1) / 2,
    globalAttnIndexes,
  };
}
