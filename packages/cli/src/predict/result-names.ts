import { basename, extname } from "node:path";
import { safeFileName } from "@segany/dataset/formats";
import { STANDARD_INPUT } from "../read-input.js";

/** Names in the output folder of what is predicted for an image. */
export interface ResultNames {
  readonly json: string;
  readonly picture: string;
  readonly logits: string;
}

/** @param path the image's */
export function resultNames(path: string): ResultNames {
  const stem = path === STANDARD_INPUT ? "stdin" : safeFileName(basename(path, extname(path)));
  return {
    json: `${stem}.predict.json`,
    picture: `${stem}.predict.png`,
    logits: `${stem}.logits.npy`,
  };
}
