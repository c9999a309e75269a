import { readFileSync, statSync } from "node:fs";
import { type PreprocessingRequest, resolvePreprocessing } from "@segany/sam/settings";
import { InvalidArgumentError } from "commander";

const MAX_FILE_BYTES = 2 ** 16;

/**
 * Parses the name of a preset, or reads a JSON file; commander adds the option's name to the error message.
 */
export function parsePreprocessing(text: string): PreprocessingRequest {
  try {
    return resolvePreprocessing(/[./\\]/.test(text) ? readJson(text) : (text as PreprocessingRequest));
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function readJson(path: string): PreprocessingRequest {
  const { size } = statSync(path);
  if (size > MAX_FILE_BYTES)
    throw new Error(`${path} has ${size} bytes; at most ${MAX_FILE_BYTES} are read.`);
  const value: unknown = JSON.parse(readFileSync(path, "utf8").replace(/^\ufeff/, ""));
  if (typeof value === "object" && value !== null) return value;
  throw new Error(`${path} is not a JSON object.`);
}
