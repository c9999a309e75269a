/** Tensors of a checkpoint that no graph of its model reads. */
import type { TensorInfo } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import type { ModelFamily, Tensors } from "../model/model-family.js";

/** A family and the parameters that it has inferred. */
interface Network {
  readonly family: ModelFamily;
  readonly model: { readonly architecture: unknown; readonly source: string };
}

/** Most names in a message. */
const MOST_NAMED = 3;

/**
 * Finds the tensors that the encoder and the decoder do not read, by inferring the model and building its
 * graphs. Integers are left out: counters and tables of indices, which training code saves.
 */
export function unusedTensors({ family, model: { architecture } }: Network, tensors: Tensors): string[] {
  const read = new Set<string>();
  const watched = new Map(tensors);
  watched.get = (key) => {
    read.add(key);
    return tensors.get(key);
  };
  family.infer(watched);
  if (!family.exported?.(watched, architecture, {})) buildGraphs(family, architecture, watched);
  return [...tensors].flatMap(([key, info]) => (read.has(key) || !isReal(info) ? [] : [key]));
}

/**
 * The graphs of a family that can't be exported. In fast forms some weights are looked up only when they are
 * read.
 */
function buildGraphs(family: ModelFamily, architecture: unknown, tensors: Tensors): void {
  family.encoder(tensors, architecture, { form: "plain" });
  family.preparation?.(tensors, architecture);
  for (const maskInput of [true, false])
    family.decoder(tensors, architecture, { masks: "four", maskInput, ragged: true, extraTokens: false });
}

function isReal({ dtype }: TensorInfo): boolean {
  return dtype.startsWith("float") || dtype === "bfloat16";
}

/**
 * Refuses a checkpoint with weights inside the model that its graphs do not read: adapters, tokens of another
 * decoder, layers of a fork. Without them its masks would be wrong, and nothing would say so.
 *
 * @returns the unused tensors outside the model, such as those of another head
 * @throws SamError `checkpoint-unsupported`
 */
export function refuseUnused(network: Network, tensors: Tensors): string[] {
  const unused = unusedTensors(network, tensors);
  const inside = unused.filter((key) => isInside(key, network.family));
  if (inside.length === 0) return unused;
  const named = inside.slice(0, MOST_NAMED).map((key) => `"${key}"`);
  const more = inside.length > MOST_NAMED ? ` and ${inside.length - MOST_NAMED} more` : "";
  throw new SamError(
    "checkpoint-unsupported",
    `${network.model.source} has ${inside.length} tensors in its model that ${network.family.name} does not use (${named.join(", ")}${more}): it is a changed network, and without them its masks would be wrong. Merge adapters into the weights before saving; to go on without these tensors, use --ignore-unused (ignoreUnused).`,
  );
}

function isInside(key: string, { keyRoots, isHarmless }: ModelFamily): boolean {
  return keyRoots.some((root) => key.startsWith(`${root}.`)) && !isHarmless?.(key);
}
