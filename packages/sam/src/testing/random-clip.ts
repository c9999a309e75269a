/** For tests: a small CLIP with made-up weights, under the key names of each publisher. */
import { randomWeights } from "../../../graph/src/testing/random-weights.js";
import { type ClipSizes, clipShapes } from "../text/clip-shapes.js";

const SMALL: ClipSizes = {
  text: { width: 64, depth: 1 },
  image: { width: 64, depth: 2, patchSize: 8, imageSize: 32 },
  featureSize: 16,
};

/** Tensors by key, as safetensors are encoded from. */
export type Tensors = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
>;

/**
 * A model with text 64 wide, images of 32 pixels and features of 16 values, under OpenAI's names, which are
 * OpenCLIP's too.
 */
export function randomClip(): Tensors {
  const shapes = clipShapes(SMALL);
  const { values } = randomWeights(shapes);
  return Object.fromEntries(
    Object.entries(shapes).map(([key, shape]) => [key, { shape, data: values.get(key)! }]),
  );
}

/** Names of `CLIPModel` in transformers, written out here from its source. */
const HUGGING_FACE: readonly (readonly [string, string])[] = [
  ["visual.class_embedding", "vision_model.embeddings.class_embedding"],
  ["visual.conv1.", "vision_model.embeddings.patch_embedding."],
  ["visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"],
  ["visual.ln_pre.", "vision_model.pre_layrnorm."],
  ["visual.ln_post.", "vision_model.post_layernorm."],
  ["visual.transformer.resblocks.", "vision_model.encoder.layers."],
  ["transformer.resblocks.", "text_model.encoder.layers."],
  ["token_embedding.", "text_model.embeddings.token_embedding."],
  ["positional_embedding", "text_model.embeddings.position_embedding.weight"],
  ["ln_final.", "text_model.final_layer_norm."],
  [".ln_1.", ".layer_norm1."],
  [".ln_2.", ".layer_norm2."],
  [".attn.", ".self_attn."],
  [".c_fc.", ".fc1."],
  [".c_proj.", ".fc2."],
];

/** The same weights as transformers saves them: projections as linear layers, query, key and value apart. */
export function asHuggingFace(tensors: Tensors): Tensors {
  const renamed: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const [key, { shape, data }] of Object.entries(tensors)) {
    if (key === "text_projection") renamed["text_projection.weight"] = transposed(shape, data);
    else if (key === "visual.proj") renamed["visual_projection.weight"] = transposed(shape, data);
    else if (key.includes("in_proj_")) {
      const third = data.length / 3;
      ["q", "k", "v"].forEach((name, i) => {
        renamed[huggingFaceName(key.replace("in_proj_", `${name}_proj.`))] = {
          shape: [shape[0]! / 3, ...shape.slice(1)],
          data: data.slice(i * third, (i + 1) * third),
        };
      });
    } else renamed[huggingFaceName(key)] = { shape, data };
  }
  return renamed;
}

function huggingFaceName(key: string): string {
  return HUGGING_FACE.reduce(
    (name, [from, to]) =>
      name.startsWith(from) || (from.startsWith(".") && name.includes(from)) ? name.replace(from, to) : name,
    key,
  );
}

function transposed([rows, columns]: readonly number[], data: Float32Array) {
  const turned = data.map((_, i) => data[(i % rows!) * columns! + Math.floor(i / rows!)]!);
  return { shape: [columns!, rows!], data: turned };
}
