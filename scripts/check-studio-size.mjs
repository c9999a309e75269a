/**
 * Holds the studio's JavaScript to its limit: what a browser loads before the first click, without ONNX
 * Runtime.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 400;
const assets = fileURLToPath(new URL("../packages/studio/dist/assets", import.meta.url));

const scripts = readdirSync(assets).filter((name) => name.endsWith(".js") && !name.startsWith("ort"));
const sizes = scripts.map((name) => [name, gzipSync(readFileSync(join(assets, name))).length / 1000]);
const total = sizes.reduce((sum, [, kb]) => sum + kb, 0);
for (const [name, kb] of sizes) console.log(`${kb.toFixed(0).padStart(5)} kB  ${name}`);
console.log(`${total.toFixed(0).padStart(5)} kB of at most ${LIMIT_KB} kB, gzip`);
if (total > LIMIT_KB) process.exitCode = 1;
