/**
 * For tests: mutated checkpoints, each of which must be refused with an error of the library or open soundly.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SamError } from "@segany/masks";
import { type ByteSource, memoryByteSource } from "../weights/byte-source.js";
import { openStateDict } from "../weights/open-state-dict.js";
import { encodeSafetensors } from "../weights/safetensors.js";
import { elementCount } from "../weights/stored-tensor.js";
import { encodeTorchZip } from "./write-torch-zip.js";

/** How many mutants were refused and how many still opened. */
export interface FuzzOutcome {
  readonly refused: number;
  readonly opened: number;
}

/** More elements than this in one tensor would mean that a forged size was believed. */
const maxElements = 2 ** 24;

/**
 * Mutates each of a set of small checkpoints in turn and opens the result.
 *
 * @throws Error naming the file and the mutant when something else than a SamError comes out, or a tensor of
 *   the wrong length
 */
export async function fuzzCheckpoints(mutants: number, seed = 1): Promise<FuzzOutcome> {
  const originals = seedFiles();
  const outcome = { refused: 0, opened: 0 };
  for (let index = 0; index < mutants; index++) {
    const [name, bytes] = originals[index % originals.length]!;
    const random = seededRandom(seed * 1_000_003 + index);
    const mutant = mutate(bytes, random);
    try {
      await openAndLoadAll(guardedSource(mutant));
      outcome.opened++;
    } catch (error) {
      if (!(error instanceof SamError))
        throw new Error(`${name}, mutant ${index} of seed ${seed}`, { cause: error });
      outcome.refused++;
    }
  }
  return outcome;
}

function seedFiles(): [name: string, bytes: Uint8Array][] {
  const folder = join(import.meta.dirname, "../../../../fixtures/pickles");
  const names = ["tensors_zip", "tensors_legacy", "nested_model", "evil_zip", "evil_legacy"];
  const files = names.map((name): [string, Uint8Array] => [
    name,
    new Uint8Array(readFileSync(join(folder, `${name}.pth`))),
  ]);
  const values = Float32Array.from({ length: 6 }, (_, index) => index);
  const tensors = { a: { shape: [2, 3], data: values }, b: { shape: [6], data: new Uint8Array(6) } };
  const zip64 = [{ key: "a", shape: [3, 2], values: () => values }];
  return [
    ...files,
    ["safetensors", encodeSafetensors(tensors, { format: "pt" })],
    ["zip64", encodeTorchZip(zip64)],
  ];
}

async function openAndLoadAll(source: ByteSource): Promise<void> {
  const state = await openStateDict(source, { name: "mutant", sha256: "" });
  for (const [key, { shape }] of state.tensors) {
    if (elementCount(shape) > maxElements) throw new Error(`"${key}" claims the shape [${shape}]`);
    const values = await state.load(key);
    if (values.length !== elementCount(shape))
      throw new Error(`"${key}" [${shape}] has ${values.length} values`);
  }
  await state.close();
}

/** A source that a reader may not ask for anything outside of the file. */
function guardedSource(bytes: Uint8Array): ByteSource {
  const source = memoryByteSource(bytes);
  return {
    ...source,
    read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
        throw new Error(`read ${length} bytes at ${offset} of a file of ${bytes.length}`);
      }
      return source.read(offset, length);
    },
  };
}

type Random = (below: number) => number;

/** One to four small damages of the kinds that disks, networks and attackers make. */
function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let count = 1 + random(4); count > 0 && result.length > 0; count--) result = damage(result, random);
  return result;
}

function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length);
  const length = 1 + random(Math.min(64, bytes.length - at));
  switch (random(7)) {
    case 0:
      bytes[at]! ^= 1 << random(8);
      return bytes;
    case 1:
      bytes[at] = random(256);
      return bytes;
    case 2:
      return bytes.slice(0, at);
    case 3:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
    case 4:
      return Uint8Array.from([...bytes.subarray(0, at + length), ...bytes.subarray(at)]);
    case 5:
      return bytes.fill(random(2) * 255, at, at + Math.min(length, 8));
    default:
      bytes.copyWithin(at, random(bytes.length), random(bytes.length) + length);
      return bytes;
  }
}

/** Whole numbers below a bound (mulberry32). */
function seededRandom(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
