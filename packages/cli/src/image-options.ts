import type { Intensity, ReadImageFileOptions } from "@segany/sam";
import { type Command, InvalidArgumentError } from "commander";
import { parseNumberList, parseWithin } from "./numbers.js";

/** How image files are read. */
export interface ImageOptions {
  readonly intensity?: Intensity;
  readonly bands?: readonly number[];
  readonly page?: number;
}

const MOST_PAGES = 65_536;

/** Adds the options to a command that reads images. */
export function addImageOptions(command: Command): Command {
  return command
    .optionsGroup("Images of more than 8 bits, of many bands or pages:")
    .option(
      "--intensity <range>",
      "which samples become black and white: auto (16-bit samples that use less than half of their range are scaled from their least to their greatest), full, or two percentiles such as 2,98",
      parseIntensity,
    )
    .option(
      "--bands <r,g,b>",
      "bands to read as red, green and blue, or one as grey, counted from 1 (default: the colours, or the first three)",
      (text: string) => parseNumberList(text, [1, 3], "3,2,1 or 4"),
    )
    .option(
      "--page <n>",
      "page of a TIFF or frame of an animation, counted from 1 (default: 1)",
      parseWithin(1, MOST_PAGES),
    );
}

/** The options as `readImage` takes them; what it says goes into `notices`. */
export function readingOptions(
  { intensity, bands, page }: ImageOptions,
  notices: string[],
): ReadImageFileOptions {
  return { intensity, bands, page, onNotice: (notice) => notices.push(notice) };
}

function parseIntensity(text: string): Intensity {
  if (text === "auto" || text === "full") return text;
  const [low, high] = parseNumberList(text, [2], "auto, full or 2,98") as [number, number];
  if (low >= 0 && low < high && high <= 100) return [low, high];
  throw new InvalidArgumentError("The percentiles must be from 0 to 100, the lower first.");
}
