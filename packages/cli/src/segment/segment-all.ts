import { join, resolve } from "node:path";
import { type Sam, SamAutomaticMaskGenerator, SamError } from "@segany/sam";
import { errorLine, UsageError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { loadModel } from "../model-options.js";
import { createProgress, type Progress } from "../progress.js";
import { wholeMilliseconds } from "../timings.js";
import { type CocoPart, outputName, writeCoco } from "./formats.js";
import type { InputImage } from "./inputs.js";
import { findDone, noteDone, settingsHash } from "./journal.js";
import { generatorOptions, type SegmentOptions } from "./options.js";
import { type ImageTimings, segmentOne } from "./segment-one.js";

/**
 * Segments pictures one after another; a picture that fails is reported and the others go on.
 *
 * @returns how many failed
 */
export async function segmentAll(inputs: readonly InputImage[], options: SegmentOptions): Promise<number> {
  refuseOverwritingInputs(inputs, options);
  const progress = createProgress({ quiet: options.quiet || options.json });
  const start = performance.now();
  progress.begin("Loading the model", 1);
  await using sam = await loadModel(options);
  const generator = new SamAutomaticMaskGenerator(sam, generatorOptions(options));
  const run: Run = {
    options,
    sam,
    generator,
    progress,
    loadMs: performance.now() - start,
    settings: runSettings(sam, generator, options),
  };
  const parts: CocoPart[] = [];
  let failed = 0;
  for (const [index, input] of inputs.entries()) {
    const outcome = await segmentOrReport(run, input, `[${index + 1}/${inputs.length}] ${input.path}`);
    if (!outcome) failed++;
    else if (outcome.coco) parts.push(outcome.coco);
  }
  if (options.format === "coco") await writeCoco(join(options.output, cocoName(options)), parts);
  if (failed > 0)
    progress.note(`${failed} of ${inputs.length} pictures failed; the others are in ${options.output}.`);
  return failed;
}

interface Run {
  readonly options: SegmentOptions;
  readonly sam: Sam;
  readonly generator: SamAutomaticMaskGenerator<"coco_rle">;
  readonly progress: Progress;
  readonly loadMs: number;
  readonly settings: string;
}

interface Outcome {
  readonly masks: number;
  readonly coco?: CocoPart | undefined;
}

/** One picture: skipped when done, otherwise segmented and noted; undefined when it failed. */
async function segmentOrReport(run: Run, input: InputImage, label: string): Promise<Outcome | undefined> {
  const { options, progress, settings } = run;
  const { output } = options;
  try {
    const done = options.overwrite ? undefined : await findDone(output, input, settings);
    if (done) {
      progress.note(`${label}: done before, ${done.masks} masks`);
      report(run, input, {
        masks: done.masks,
        timings: { encode: 0, decode: 0, post: 0, total: 0 },
        skipped: true,
      });
      return done;
    }
    const { names, masks, coco, timings } = await segmentOne(input, { ...run, label });
    await noteDone(output, input, { settings, masks, ...(coco && { coco }) }, names);
    progress.end(
      `${label}: ${masks} masks in ${(timings.total / 1000).toFixed(1)} s → ${join(output, outputNameOf(input, options))}`,
    );
    report(run, input, { masks, timings });
    return { masks, coco };
  } catch (error) {
    if (interruption.aborted || fatal(error)) throw error;
    progress.end();
    console.error(errorLine(error));
    if (options.json)
      console.log(
        JSON.stringify({
          file: input.path,
          error: {
            code: error instanceof SamError ? error.code : "failed",
            message: (error as Error).message,
          },
        }),
      );
    return undefined;
  }
}

/** Errors after which no other picture can succeed. */
function fatal(error: unknown): boolean {
  return (
    error instanceof SamError &&
    ["file-unwritable", "cache-failed", "device-unavailable"].includes(error.code)
  );
}

function report(
  { options, loadMs }: Run,
  input: InputImage,
  result: { masks: number; timings: ImageTimings; skipped?: boolean },
): void {
  if (!options.json) return;
  const timings_ms = wholeMilliseconds({ load: loadMs, ...result.timings });
  const output = join(options.output, outputNameOf(input, options));
  console.log(
    JSON.stringify({
      file: input.path,
      output,
      masks: result.masks,
      timings_ms,
      ...(result.skipped && { skipped: true }),
    }),
  );
}

function outputNameOf(input: InputImage, options: SegmentOptions): string {
  return options.format === "coco" ? cocoName(options) : outputName(input, options.format);
}

/** Parts of a run write files of their own. */
function cocoName({ shard }: SegmentOptions): string {
  return shard ? `annotations-${shard.replace("/", "-of-")}.json` : "annotations.json";
}

function runSettings(
  sam: Sam,
  generator: SamAutomaticMaskGenerator<"coco_rle">,
  { format, picture, cutouts }: SegmentOptions,
): string {
  const { pointsPerBatch: _, ...settings } = generator.settings; // has no influence on the result
  return settingsHash({
    checkpoint: sam.model.checkpointSha256,
    settings,
    format,
    picture,
    cutouts: cutouts ?? false,
  });
}

function refuseOverwritingInputs(inputs: readonly InputImage[], { output, picture }: SegmentOptions): void {
  if (!picture) return;
  const sources = new Set(inputs.map(({ path }) => resolve(path)));
  const clash = inputs.find(({ outputStem }) => sources.has(resolve(output, `${outputStem}.png`)));
  if (clash)
    throw new UsageError(
      `The picture of ${clash.path} would overwrite an input. Choose another --output folder, or --no-picture.`,
    );
}
