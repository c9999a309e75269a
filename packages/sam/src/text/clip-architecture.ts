import {
  createShapeReader,
  invalidCheckpoint,
  type ShapeReader,
  type TensorInfo,
  unsupportedCheckpoint,
} from "@segany/graph/weights";

/** What a tower's blocks have in common. */
export interface ClipTower {
  /** Width of a token. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Attention heads, each 64 wide; the shapes do not tell. */
  readonly heads: number;
}

/** A CLIP model, as the shapes of its tensors have it. */
export interface ClipArchitecture {
  /** `ViT-B/32`, `ViT-B/16`, `ViT-L/14`, `ViT-L/14@336`, or `ViT` with other sizes. */
  readonly name: string;
  readonly text: ClipTower & {
    /** Most tokens of a text, both marks included. */
    readonly context: number;
  };
  readonly image: ClipTower & {
    /** Side of a patch, pixels. */
    readonly patchSize: number;
    /** Side of the square input, pixels. */
    readonly imageSize: number;
  };
  /** Values of a feature vector. */
  readonly featureSize: number;
}

/** Values of an attention head. */
export const HEAD_WIDTH = 64;

/** Wider image towers (OpenCLIP's ViT-H, g, G) have heads of 80, 88 or 104 values, which no shape tells. */
const MAX_IMAGE_WIDTH = 1024;

/** Tokens that the text tower knows. */
export const VOCABULARY = 49_408;

const PUBLISHED: Readonly<Record<string, string>> = {
  "512/12 768/12/32/224": "ViT-B/32",
  "512/12 768/12/16/224": "ViT-B/16",
  "768/12 1024/24/14/224": "ViT-L/14",
  "768/12 1024/24/14/336": "ViT-L/14@336",
};

/**
 * Infers all sizes from the shapes of a checkpoint's tensors.
 *
 * @param tensors under OpenAI's names, see `mapClipKeys`
 * @throws SamError `checkpoint-invalid` if it is no CLIP, or shapes contradict each other;
 *   `checkpoint-unsupported` for a ResNet, another vocabulary or heads of another width
 */
export function inferClip(tensors: ReadonlyMap<string, TensorInfo>): ClipArchitecture {
  refuseOthers(tensors);
  const shapes = createShapeReader(tensors);
  const text = inferText(shapes);
  const image = inferImage(shapes);
  const featureSize = projectedWidth(shapes, "text_projection", "text_projection.weight", text.width);
  const imageFeatures = projectedWidth(shapes, "visual.proj", "visual_projection.weight", image.width);
  if (featureSize !== imageFeatures)
    throw invalidCheckpoint(
      `Text features have ${featureSize} values and image features ${imageFeatures}; they can't be compared.`,
    );
  const sizes = `${text.width}/${text.depth} ${image.width}/${image.depth}/${image.patchSize}/${image.imageSize}`;
  return { name: PUBLISHED[sizes] ?? "ViT", text, image, featureSize };
}

/** Refuses what is no CLIP by what it seems to be, before a missing key is all that could be said. */
function refuseOthers(tensors: ReadonlyMap<string, TensorInfo>): void {
  if (tensors.has("visual.layer1.0.conv1.weight"))
    throw unsupportedCheckpoint("The image tower is a ResNet; only CLIP models with a ViT are read.");
  const missing = ["token_embedding.weight", "visual.conv1.weight"].find((key) => !tensors.has(key));
  if (missing !== undefined)
    throw invalidCheckpoint(
      `The checkpoint is no CLIP model: it has no "${missing}", but for example "${[...tensors.keys()][0]}". ` +
        "Give a file of OpenAI's, OpenCLIP's or Hugging Face's CLIP with both towers.",
    );
  if (!tensors.has("visual.class_embedding") || !tensors.has("visual.ln_pre.weight"))
    throw unsupportedCheckpoint(
      'The image tower has no class token or no "ln_pre": it is a relative of CLIP (such as SigLIP), which is not read.',
    );
}

function inferText(shapes: ShapeReader): ClipArchitecture["text"] {
  const [rows, width] = shapes.shape("token_embedding.weight", [null, null]);
  if (rows !== VOCABULARY)
    throw unsupportedCheckpoint(
      `The text tower has ${rows} tokens; only CLIP's own vocabulary of ${VOCABULARY} is known.`,
    );
  const [context] = shapes.shape("positional_embedding", [null, width]);
  return { ...towerOf(shapes, "transformer.", width), context };
}

function inferImage(shapes: ShapeReader): ClipArchitecture["image"] {
  const key = "visual.conv1.weight";
  const [width, , patchSize] = shapes.shape(key, [null, 3, null, null]);
  shapes.shape(key, [width, 3, patchSize, patchSize]);
  if (width > MAX_IMAGE_WIDTH)
    throw unsupportedCheckpoint(
      `The image tower is ${width} wide; up to ${MAX_IMAGE_WIDTH} are read (ViT-B and ViT-L).`,
    );
  const [positions] = shapes.shape("visual.positional_embedding", [null, width]);
  const side = Math.sqrt(positions - 1);
  if (!Number.isInteger(side) || side === 0)
    throw invalidCheckpoint(
      `"visual.positional_embedding" has ${positions} rows; one and a square number would fit.`,
    );
  return { ...towerOf(shapes, "visual.transformer.", width), patchSize, imageSize: side * patchSize };
}

function towerOf(shapes: ShapeReader, prefix: string, width: number): ClipTower {
  const depth = shapes.count(`${prefix}resblocks.`);
  if (depth === 0) throw invalidCheckpoint(`The checkpoint has no "${prefix}resblocks.0".`);
  const heads = width / HEAD_WIDTH;
  if (!Number.isInteger(heads))
    throw unsupportedCheckpoint(`A tower is ${width} wide; heads of ${HEAD_WIDTH} values can't share that.`);
  return { width, depth, heads };
}

/** OpenAI stores the matrix [width, features], Hugging Face the linear layer [features, width]. */
function projectedWidth(shapes: ShapeReader, matrix: string, linear: string, width: number): number {
  if (shapes.has(linear)) return shapes.shape(linear, [null, width])[0];
  return shapes.shape(matrix, [width, null])[1];
}
