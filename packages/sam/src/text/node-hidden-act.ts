import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { unsupportedCheckpoint } from "@segany/graph/weights";
import type { ClipActivation } from "./clip-layers.js";

/** Hugging Face's names of activations; a configuration that leaves it out means the first. */
const ACTIVATIONS: Readonly<Record<string, ClipActivation>> = { quick_gelu: "quick-gelu", gelu: "gelu" };

/**
 * The activation that Hugging Face's `config.json` beside a checkpoint names, or undefined where there is no
 * such file of CLIP's.
 *
 * @param checkpoint a file of weights or its folder
 * @throws SamError `checkpoint-unsupported` for an activation that is not known
 */
export async function configuredActivation(checkpoint: string): Promise<ClipActivation | undefined> {
  const isFolder = (await stat(checkpoint).catch(() => undefined))?.isDirectory() ?? false;
  const file = join(isFolder ? checkpoint : dirname(checkpoint), "config.json");
  const name = hiddenAct(await readFile(file, "utf8").catch(() => ""));
  if (name === undefined) return undefined;
  const activation = ACTIVATIONS[name];
  if (activation !== undefined) return activation;
  throw unsupportedCheckpoint(`${file} names the activation "${name}"; quick_gelu and gelu are known.`);
}

function hiddenAct(json: string): string | undefined {
  try {
    const name: unknown = JSON.parse(json)?.text_config?.hidden_act;
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}
