import { SamError } from "../errors.js";
import { parseRle } from "../read-rle.js";
import { compressRle, decodeRle, decompressRle, encodeRle } from "../rle.js";
import { rleArea, rleToBoxXywh } from "../rle-operations.js";
import type { Mask } from "../types.js";
import { slowCounts } from "./slow-masks.js";

/**
 * Damages the RLE of a random mask in a way the seed decides and reads it. Throws where reading fails in
 * another way than with `rle-invalid`, or succeeds with something that doesn't hold together.
 */
export function hostileRleCase(seed: number): "refused" | "accepted" {
  const random = generator(seed);
  const rle = encodeRle(randomMask(random));
  const value: { size: unknown; counts: unknown } = {
    size: random(8) === 0 ? mutateSize(rle.size, random) : rle.size,
    counts: mutateText(rle.counts, random),
  };
  if (random(10) === 0) value.counts = mutateList(decompressRle(rle).counts, random);
  let parsed: ReturnType<typeof parseRle>;
  try {
    parsed = parseRle(value, "hostile", { maxPixels: 2 ** 22 });
  } catch (error) {
    if (error instanceof SamError && error.code === "rle-invalid") return "refused";
    throw error;
  }
  checkConsistent(parsed);
  return "accepted";
}

function checkConsistent(parsed: ReturnType<typeof parseRle>): void {
  const packed = typeof parsed.counts === "string" ? { ...parsed, counts: parsed.counts } : null;
  const runs = packed ? decompressRle(packed) : { size: parsed.size, counts: parsed.counts as number[] };
  if (packed && compressRle(runs).counts !== packed.counts) throw new Error("packing gives another string");
  const mask = decodeRle(parsed);
  const canonical = slowCounts(mask);
  const merged = withoutEmptyRuns(runs.counts);
  if (canonical.join() !== merged.join()) throw new Error("the mask has other runs");
  if (decompressRle(encodeRle(mask)).counts.join() !== canonical.join()) throw new Error("encoding differs");
  const area = mask.data.reduce((sum, pixel) => sum + pixel, 0);
  if (rleArea(parsed) !== area) throw new Error("the area differs");
  const [x, y, width, height] = rleToBoxXywh(parsed);
  if (x + width > mask.width || y + height > mask.height) throw new Error("the box leaves the image");
}

function withoutEmptyRuns(counts: readonly number[]): number[] {
  const merged = [0];
  counts.forEach((count, i) => {
    if (count === 0) return;
    if ((merged.length - 1) % 2 !== i % 2) merged.push(0);
    merged[merged.length - 1]! += count;
  });
  return merged;
}

type Random = (below: number) => number;

/** Whole numbers 0..below-1 that only depend on the seed (mulberry32). */
function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let hash = Math.imul(state ^ (state >>> 15), state | 1);
    hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61);
    return Math.floor((((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function randomMask(random: Random): Mask {
  const width = 1 + random(40);
  const height = 1 + random(40);
  const density = random(10);
  const data = Uint8Array.from({ length: width * height }, () => Number(random(10) < density));
  return { width, height, data };
}

function mutateSize([height, width]: readonly [number, number], random: Random): unknown {
  const sizes = [
    [width, height],
    [height + 1, width],
    [-height, -width],
    [2 ** 20, 2 ** 20],
    [height * width, 1],
    [height],
    [String(height), width],
    null,
  ];
  return sizes[random(sizes.length)];
}

function mutateList(counts: readonly number[], random: Random): unknown {
  const at = random(counts.length);
  const strange = [-1, 0, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "3", null, 2 ** 40];
  const list: unknown[] = [...counts];
  list.splice(at, random(2), strange[random(strange.length)]);
  return list;
}

function mutateText(text: string, random: Random): string {
  let characters = [...text];
  for (let i = random(4); i >= 0; i--) {
    const at = random(characters.length + 1);
    switch (random(7)) {
      case 0:
        characters[at] = String.fromCharCode(48 + random(64));
        break;
      case 1:
        characters.splice(at, 1);
        break;
      case 2:
        characters.splice(at, 0, String.fromCharCode(random(300)));
        break;
      case 3:
        characters = characters.slice(0, at);
        break;
      case 4:
        characters.splice(at, 0, ..."o".repeat(random(20)));
        break;
      case 5:
        characters.splice(at, 0, ...characters.slice(random(characters.length + 1)));
        break;
      default:
        // Two empty runs before an inside run change nothing, so this one may be accepted.
        if (characters.length > 1) [characters[0], characters[1]] = [characters[1]!, characters[0]!];
    }
  }
  return characters.join("");
}
