import { join } from "node:path";
import { type DatasetRecord, parseSa1b, toSa1b } from "@segany/dataset/formats";
import { type Sam, SamAutomaticMaskGenerator } from "@segany/sam";
import { codeOf, printError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { loadModel } from "../load-model.js";
import { isEmbedded, openGrounder } from "../open-grounder.js";
import { printJson } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import { wholeMilliseconds } from "../timings.js";
import { findByWords, type WordFinder } from "./find-by-words.js";
import { categoriesOf, cocoName, outputName, writeCoco } from "./formats.js";
import type { InputImage } from "./inputs.js";
import { settingsHash } from "./journal.js";
import { createLocalPlace, type DoneImage, type OpenedImage, type SegmentPlace } from "./local-place.js";
import { generatorOptions, noteKeptThresholds, type SegmentOptions } from "./options.js";
import { outputNames, refuseCollisions } from "./output-names.js";
import { runPipeline, type Settled } from "./pipeline.js";
import { type FoundMasks, findMasks, type ImageTimings, writeResults } from "./segment-one.js";

/**
 * Segments images: while the model works on one, the next is prefetched and the previous one is written. A
 * failed image is reported, and the others continue.
 *
 * @returns the number of failed images
 */
export async function segmentAll(
  inputs: readonly InputImage[],
  options: SegmentOptions,
  place: SegmentPlace = createLocalPlace(options),
): Promise<number> {
  refuseCollisions(inputs, options);
  await place.check(inputs);
  const progress = createProgress({ quiet: options.quiet || options.json });
  const start = performance.now();
  progress.begin("Loading the model", 1);
  const words = options.text && [...new Set(options.text.map((text) => text.trim()))];
  await using embedded = words && isEmbedded(options) ? await openGrounder(options) : undefined;
  for (const text of words ?? []) embedded?.check(text); // before the model is loaded
  await using sam = await loadModel(options, { opensEncoder: true });
  await using own = words && !isEmbedded(options) ? await openGrounder(options, sam) : undefined;
  const grounder = embedded ?? own;
  for (const text of words ?? []) own?.check(text);
  const generator = new SamAutomaticMaskGenerator(sam, generatorOptions(options));
  if (!words) noteKeptThresholds(sam, options, progress.note);
  const stopping = new AbortController();
  const run: Run = {
    options,
    place,
    stopping,
    generator,
    ...(words && { finder: { sam, grounder: grounder!, words, threshold: options.textThreshold } }),
    progress,
    loadMs: performance.now() - start,
    settings: runSettings(sam, generator, options, grounder?.checkpointSha256),
  };
  const done: DatasetRecord[] = [];
  let failed = 0;
  let turn = -1;
  const labelOf = (index: number) => `[${index + 1}/${inputs.length}] ${inputs[index]!.path}`;
  await runPipeline(inputs, {
    find: (input, index) =>
      find(run, input, (share, note) => {
        if (index === turn) progress.update(PROGRESS_STEPS * share, note);
      }),
    onTurn(_, index) {
      turn = index;
      progress.begin(labelOf(index), PROGRESS_STEPS);
    },
    async finish(found, input, index) {
      const outcome = await finishOrReport(run, found, input, labelOf(index));
      if (!outcome) failed++;
      else if (outcome.record) done.push(outcome.record);
    },
  });
  progress.end();
  if (done.length > 0) {
    await writeCoco(place.folder, cocoName(options), done, categoriesOf(words));
    await place.keep(cocoName(options));
  }
  if (failed > 0)
    progress.note(`${failed} of ${inputs.length} images failed; the others are in ${options.output}.`);
  return failed;
}

/** Goes up whenever an entry of before would not do. */
const JOURNAL_VERSION = 3;

/** Steps of an image's progress bar. */
const PROGRESS_STEPS = 1000;

interface Run {
  readonly options: SegmentOptions;
  readonly place: SegmentPlace;
  /** Aborted when no other image can succeed. */
  readonly stopping: AbortController;
  readonly generator: SamAutomaticMaskGenerator<"coco_rle">;
  /** Where words are looked for, instead of all masks. */
  readonly finder?: WordFinder;
  readonly progress: Progress;
  readonly loadMs: number;
  readonly settings: string;
}

interface Outcome {
  /** Where all images go into one file. */
  readonly record?: DatasetRecord | undefined;
}

/** What is known of an image before it is written: an earlier run's result, or new masks. */
type Found =
  | { readonly kind: "done"; readonly entry: DoneImage }
  | { readonly kind: "new"; readonly masks: FoundMasks; readonly opened: OpenedImage };

async function find(
  { options, place, generator, finder, settings, stopping }: Run,
  input: InputImage,
  onProgress: (share: number, note: string) => void,
): Promise<Found> {
  const entry = options.overwrite ? undefined : await place.findDone(input, settings);
  if (entry) return { kind: "done", entry };
  const signal = AbortSignal.any([interruption, stopping.signal]);
  const opened = await place.open(input);
  try {
    const readable = { ...input, path: opened.path };
    const masks = finder
      ? await findByWords(readable, { reading: options, finder, signal, onProgress })
      : await findMasks(readable, { reading: options, generator, signal, onProgress });
    return { kind: "new", opened, masks };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Writes and records one image; undefined if it failed. */
async function finishOrReport(
  run: Run,
  found: Settled<Found>,
  input: InputImage,
  label: string,
): Promise<Outcome | undefined> {
  try {
    if (!found.ok) throw found.error;
    return found.value.kind === "done"
      ? reportDone(run, found.value.entry, input, label)
      : await write(run, found.value, input, label).finally(found.value.opened.close);
  } catch (error) {
    if (interruption.aborted || FATAL.has(codeOf(error) ?? "")) {
      run.stopping.abort();
      throw error;
    }
    reportError(run, input, error);
    return undefined;
  }
}

function reportDone(run: Run, entry: DoneImage, input: InputImage, label: string): Outcome {
  run.progress.note(`${label}: done before, ${entry.masks} masks`);
  const timings = { encode: 0, decode: 0, post: 0, total: 0 };
  report(run, input, { masks: entry.masks, timings, skipped: true });
  return { record: entry.record && parseSa1b(entry.record, label) };
}

async function write(
  run: Run,
  found: Extract<Found, { kind: "new" }>,
  input: InputImage,
  label: string,
): Promise<Outcome> {
  const { options, place, progress, settings } = run;
  await place.begin(input, outputNames(input, options));
  const { names, record, timings } = await writeResults(found.masks, { ...options, output: place.folder });
  const masks = record.annotations.length;
  const isKept = options.format === "coco";
  const entry = { settings, masks, ...(isKept && { record: toSa1b(record) }) };
  await place.finish(found.opened, entry, names);
  progress.note(
    `${label}: ${masks} masks in ${(timings.total / 1000).toFixed(1)} s → ${join(options.output, outputNameOf(input, options))}`,
  );
  const { notices } = found.masks;
  notices.forEach(progress.note);
  report(run, input, { masks, timings, notices });
  return { record: isKept ? record : undefined };
}

function reportError({ options, progress }: Run, input: InputImage, error: unknown): void {
  progress.end();
  printError(error);
  if (!options.json) return;
  const code = codeOf(error) ?? "failed";
  printJson({ file: input.path, error: { code, message: (error as Error).message } });
}

/** Whether no other image can succeed after an error. */
const FATAL = new Set(["file-unwritable", "cache-failed", "device-unavailable", "store-unusable"]);

function report(
  { options, loadMs }: Run,
  input: InputImage,
  result: { masks: number; timings: ImageTimings; skipped?: boolean; notices?: readonly string[] },
): void {
  if (!options.json) return;
  const timings_ms = wholeMilliseconds({ load: loadMs, ...result.timings });
  const output = join(options.output, outputNameOf(input, options));
  printJson({
    file: input.path,
    output,
    masks: result.masks,
    timings_ms,
    ...(result.skipped && { skipped: true }),
    ...(result.notices?.length && { notices: result.notices }),
  });
}

function outputNameOf(input: InputImage, options: SegmentOptions): string {
  return options.format === "coco" ? cocoName(options) : outputName(input, options.format);
}

function runSettings(
  sam: Sam,
  generator: SamAutomaticMaskGenerator<"coco_rle">,
  { format, picture, cutouts, intensity, bands, page, text, textThreshold }: SegmentOptions,
  textSha256: string | undefined,
): string {
  const { pointsPerBatch: _, ...settings } = generator.settings; // does not affect the result
  return settingsHash({
    journal: JOURNAL_VERSION,
    checkpoint: sam.model.checkpointSha256,
    precision: sam.model.precision,
    settings,
    format,
    picture,
    cutouts: cutouts ?? false,
    reading: { intensity, bands, page },
    ...(text && { text, textThreshold, textSha256 }),
  });
}
