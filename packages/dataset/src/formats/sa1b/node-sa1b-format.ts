import type { DatasetFormat } from "../format.js";
import { detectSa1b, readSa1b } from "./node-read-sa1b.js";
import { validateSa1b } from "./node-validate-sa1b.js";
import { writeSa1b } from "./node-write-sa1b.js";
import { sa1bHolds } from "./sa1b.js";
import { sa1bWriter } from "./write-sa1b.js";

/** SA-1B: per image a JSON file with RLE masks, in folders or in tar shards. */
export const sa1bFormat: DatasetFormat = {
  name: "sa1b",
  title: "SA-1B: a JSON file of RLE masks for each image, in folders or tar shards",
  holds: sa1bHolds,
  detect: detectSa1b,
  read: readSa1b,
  writer: sa1bWriter,
  write: writeSa1b,
  validate: validateSa1b,
};
