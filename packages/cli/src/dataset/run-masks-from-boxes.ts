import { type BoxOutcome, masksFromBoxes, openBoxJournal } from "@segany/dataset";
import { checkWritableFolder } from "@segany/runtime/files";
import { type Sam, SamPredictor } from "@segany/sam";
import { type ImageOptions, readingOptions } from "../image-options.js";
import { loadModel } from "../load-model.js";
import type { ModelOptions } from "../model-options.js";
import { printNote } from "../terminal/print.js";
import { createSetAside } from "./set-aside.js";
import { openInput, printResult, type WriteArguments, writeOutput } from "./shared-options.js";

/** Options of the command. */
export interface MasksFromBoxesArguments extends WriteArguments, ModelOptions, ImageOptions {}

/** Runs the command: the model makes the masks while the output is written. */
export async function runMasksFromBoxes(
  input: string,
  output: string,
  options: MasksFromBoxesArguments,
): Promise<void> {
  const setAside = createSetAside(options);
  const dataset = await openInput(input, options, setAside);
  await checkWritableFolder(output);
  await using sam = await loadModel(options, { opensEncoder: true });
  const journal = openBoxJournal(output, modelKey(sam));
  const notices: string[] = [];
  const total = createTotal();
  const segmented = masksFromBoxes(dataset, new SamPredictor(sam), {
    ...readingOptions(options, notices),
    journal,
    onImage: total.add,
  });
  const report = await writeOutput(segmented, output, options, setAside);
  await journal.remove();
  const boxes = total.counts();
  if (!options.quiet && !options.json)
    [...boxLines(boxes), ...notices].forEach((line) => void printNote(line));
  printResult(options, { ...report, boxes, ...(notices.length > 0 && { notices }) }, setAside);
}

/** What decides the masks of a model. */
function modelKey({ model: { checkpointSha256, precision } }: Sam): unknown {
  return { checkpointSha256, precision };
}

type BoxCounts = Record<keyof Omit<BoxOutcome, "fileName" | "fromJournal">, number> & {
  imagesFromJournal: number;
};

/** Adds up what became of the boxes. */
function createTotal() {
  const counts: BoxCounts = {
    masks: 0,
    masksBefore: 0,
    crowds: 0,
    emptyMasks: 0,
    impossibleBoxes: 0,
    boxesWithoutImage: 0,
    imagesFromJournal: 0,
  };
  return {
    add({ fileName: _, fromJournal, ...outcome }: BoxOutcome): void {
      for (const name of Object.keys(outcome) as (keyof typeof outcome)[]) counts[name] += outcome[name];
      if (fromJournal) counts.imagesFromJournal++;
    },
    counts: (): Readonly<BoxCounts> => counts,
  };
}

function boxLines(counts: Readonly<BoxCounts>): string[] {
  const { masks, masksBefore, crowds, emptyMasks, impossibleBoxes, boxesWithoutImage, imagesFromJournal } =
    counts;
  const lines: [number, string][] = [
    [masksBefore, "annotations had a mask and are kept"],
    [crowds, "boxes of crowds stay boxes"],
    [emptyMasks, "boxes in which the model finds nothing stay boxes"],
    [boxesWithoutImage, "boxes of images that can't be read stay boxes"],
    [impossibleBoxes, "boxes without a size or outside of their image are left out"],
    [imagesFromJournal, "images were done before"],
  ];
  const shown = lines.filter(([count]) => count > 0).map(([count, what]) => `  ${count} ${what}`);
  return [`  ${masks} masks made of boxes`, ...shown];
}
