/** Low-rank adapters (LoRA, arXiv 2106.09685): their products are added to the weights that they adapt. */
import { invalidCheckpoint, type StateDict, type TensorInfo } from "@segany/graph/weights";

/** `…qkv.lora_A.default.weight` (PEFT) and `…qkv.lora_A` (loralib) of the module `…qkv`; so is `lora_B`. */
const loraKey = /^(.+)\.lora_([AB])(?:\.([^.]+))?(?:\.weight)?$/;
/** PEFT moves the adapted module's own tensors below it. */
const baseLayer = /\.base_layer(?=\.(?:weight|bias)$)/;

interface Pair {
  /** r x in. */
  readonly down: string;
  /** out x r. */
  readonly up: string;
  /** A scalar beside the pair: the product is scaled by alpha / r. */
  readonly alpha: string | undefined;
}

/**
 * Merges the low-rank adapters in a checkpoint: a weight W of out x in becomes W + scale B A. The scale is
 * alpha / r where the checkpoint has a tensor `alpha` or `lora_alpha` beside the pair, and else 1.
 *
 * @returns the same state dict if there is no adapter in it
 * @throws SamError `checkpoint-invalid` for a half pair, shapes that don't fit, a missing weight or a second
 *   adapter
 */
export function mergeLora(state: StateDict): StateDict {
  const pairs = findPairs(state.tensors);
  if (pairs.size === 0) return state;
  const names = new Map<string, string>();
  const ofAdapters = new Set([...pairs.values()].flatMap(({ down, up, alpha }) => [down, up, alpha]));
  for (const key of state.tensors.keys())
    if (!ofAdapters.has(key)) names.set(key.replace(baseLayer, ""), key);
  const tensors = new Map<string, TensorInfo>();
  for (const [name, key] of names) tensors.set(name, state.tensors.get(key)!);
  for (const [module, pair] of pairs) checkPair(module, pair, state.tensors, tensors);
  return {
    ...state,
    tensors,
    async load(name) {
      const values = await state.load(names.get(name) ?? name);
      const pair = name.endsWith(".weight") ? pairs.get(name.slice(0, -".weight".length)) : undefined;
      return pair ? addProduct(values, pair, state) : values;
    },
  };
}

/**
 * Weights with the adapters of another file merged into them.
 *
 * @param sha256 that of both files together
 * @throws SamError `checkpoint-invalid` for a file with something else than adapters, and as `mergeLora`
 */
export function addLora(base: StateDict, adapters: StateDict, sha256: string): StateDict {
  const other = [...adapters.tensors.keys()].find(
    (key) => !loraKey.test(key) && !/\.(lora_)?alpha$/.test(key),
  );
  if (other !== undefined || adapters.tensors.size === 0)
    throw invalidCheckpoint(
      `${adapters.source} has ${other === undefined ? "no tensors" : `"${other}"`}, where only low-rank adapters (lora_A, lora_B) can be. Is it a whole model? Then it is a checkpoint.`,
    );
  return mergeLora({
    sha256,
    source: `${base.source} with ${adapters.source}`,
    metadata: { ...base.metadata, ...adapters.metadata },
    tensors: new Map([...base.tensors, ...adapters.tensors]),
    load: (key) => (adapters.tensors.has(key) ? adapters : base).load(key),
    async close() {
      await Promise.all([base.close(), adapters.close()]);
    },
  });
}

function findPairs(tensors: StateDict["tensors"]): Map<string, Pair> {
  const halves = new Map<string, Map<string, string>>();
  for (const key of tensors.keys()) {
    const match = loraKey.exec(key);
    if (!match) continue;
    const [, module = "", half = ""] = match;
    const found = halves.get(module) ?? new Map<string, string>();
    const other = found.get(half);
    if (other !== undefined)
      throw invalidCheckpoint(
        `"${module}" has two low-rank adapters, "${other}" and "${key}". Save the model with one of them, or merged.`,
      );
    halves.set(module, found.set(half, key));
  }
  const pairs = new Map<string, Pair>();
  for (const [module, found] of halves) {
    const [down, up] = [found.get("A"), found.get("B")];
    if (down === undefined || up === undefined)
      throw invalidCheckpoint(`The low-rank adapter of "${module}" has only "${down ?? up}".`);
    const alpha = ["alpha", "lora_alpha"].map((name) => `${module}.${name}`).find((key) => tensors.has(key));
    pairs.set(module, { down, up, alpha });
  }
  return pairs;
}

/** @param merged shapes of the tensors under their names after merging */
function checkPair(
  module: string,
  { down, up }: Pair,
  stored: StateDict["tensors"],
  merged: StateDict["tensors"],
): void {
  const weight = merged.get(`${module}.weight`)?.shape;
  const a = stored.get(down)!.shape;
  const b = stored.get(up)!.shape;
  const [rank, inputs] = a;
  const [outputs, rankOfB] = b;
  const fits = a.length === 2 && b.length === 2 && rank === rankOfB && `${weight}` === `${[outputs, inputs]}`;
  if (fits) return;
  throw invalidCheckpoint(
    weight
      ? `The low-rank adapter "${down}" has shapes [${a}] and [${b}], which don't fit the weight's [${weight}].`
      : `The checkpoint has the low-rank adapter "${down}" and no "${module}.weight" for it. Merge the adapter into the model before saving it.`,
  );
}

async function addProduct(
  weight: Float32Array,
  pair: Pair,
  { tensors, load }: StateDict,
): Promise<Float32Array> {
  const [down, up] = [await load(pair.down), await load(pair.up)];
  const [rank = 0, inputs = 0] = tensors.get(pair.down)!.shape;
  const scale = pair.alpha === undefined ? 1 : (await load(pair.alpha))[0]! / rank;
  const outputs = weight.length / inputs;
  const merged = Float32Array.from(weight);
  for (let row = 0; row < outputs; row++)
    for (let r = 0; r < rank; r++) {
      const factor = scale * up[row * rank + r]!;
      for (let column = 0; column < inputs; column++)
        merged[row * inputs + column]! += factor * down[r * inputs + column]!;
    }
  return merged;
}
