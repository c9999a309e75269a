import { type LoadSamOptions, loadSam, type Sam } from "@segany/sam";
import { type DatasetSource, type EvaluationSet, openSets } from "./data/samples.js";
import { openEmbeddingCache } from "./embeddings/embedding-cache.js";
import { EvaluationError } from "./errors.js";
import { bootstrap, meanSamples, percentileIntervals } from "./metrics/bootstrap.js";
import { definedMetrics, type Metrics, meanOverSets } from "./metrics/metrics.js";
import { progressOf } from "./progress.js";
import type {
  CommonSettings,
  EvaluationProgress,
  Protocol,
  ProtocolContext,
  SetResult,
} from "./protocols/protocol.js";
import { findProtocol, type ProtocolName, type ProtocolSettings } from "./protocols/registry.js";
import type { EvaluationReport, EvaluationResult, SetDetails } from "./report/report.js";
import { checkReportFolder, writeReport } from "./report/write-report.js";

/** What to evaluate, on what, and how. */
export interface EvaluateOptions<Name extends ProtocolName> {
  readonly datasets: readonly DatasetSource[];
  /** The model to open, or one that is open already (and stays so). The embedded `mobile_sam` by default. */
  readonly model?:
    | (Omit<LoadSamOptions, "signal"> & { readonly name?: string | undefined })
    | Sam
    | undefined;
  /** What differs from the protocol's defaults. */
  readonly settings?: Partial<ProtocolSettings[Name]> | undefined;
  /** Folder for the report; nothing is written when absent. */
  readonly output?: string | undefined;
  /** Replace files in that folder that no evaluation wrote, or that were changed since. */
  readonly overwrite?: boolean | undefined;
  /** Folder of kept embeddings; the user's cache by default. */
  readonly embeddingDirectory?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Takes what is wrong with a part of the input, such as a supplied box far outside of its image, which is
   * then left out. Without it, the first such problem ends the evaluation.
   */
  readonly onProblem?: ((problem: EvaluationError) => void) | undefined;
  /** Called when a set begins, after each image, and in between where images take long. */
  readonly onProgress?: ((progress: EvaluationProgress) => void) | undefined;
}

/**
 * Runs one of the paper's protocols over data sets.
 *
 * @throws EvaluationError for settings, data sets and outputs that won't do; SamError and DatasetError from
 *   below
 *
 * @example
 * import { convert } from "@segany/dataset";
 *
 * await convert(dataset, "coco", "annotator-a");
 * await convert(dataset, "coco", "annotator-b");
 * const datasets = [{ path: "annotator-a" }, { path: "annotator-b" }];
 * const { report } = await evaluate("agreement", { datasets }); // or "clicks", "proposals", "boxes", "edges"
 * console.log(report.metrics.iou_mean); // 1
 */
export async function evaluate<Name extends ProtocolName>(
  name: Name,
  options: EvaluateOptions<Name>,
): Promise<EvaluationResult> {
  const start = performance.now();
  const { datasets, output, overwrite, signal } = options;
  const protocol = findProtocol(name);
  const settings = { ...protocol.defaults, ...definedOnly(options.settings ?? {}) };
  protocol.check(settings);
  if (datasets.length === 0) throw new EvaluationError("option-invalid", "Name at least one data set.");
  if (output !== undefined) await checkReportFolder(output, { overwrite });
  const sets = await openSets(datasets, signal);
  const { results, model } = await withModel(protocol.usesModel(settings), options, async (sam) => ({
    results: await protocol.run(contextOf(settings, sets, sam, options), sets),
    model: sam ? identityOf(sam) : null,
  }));
  const seconds = Math.round((performance.now() - start) / 10) / 100;
  const result = summarise(protocol, settings, results, { model, seconds });
  if (output !== undefined) await writeReport(result, output, { overwrite });
  return result;
}

function identityOf({ model: { name, checkpointSha256, precision } }: Sam): EvaluationReport["model"] {
  return { name, checkpoint_sha256: checkpointSha256, precision };
}

async function withModel<T>(
  isNeeded: boolean,
  { model, signal }: Pick<EvaluateOptions<ProtocolName>, "model" | "signal">,
  work: (sam: Sam | undefined) => Promise<T>,
): Promise<T> {
  if (!isNeeded) return work(undefined);
  if (model && "engine" in model) return work(model);
  const { name, ...loadOptions } = model ?? {};
  const sam = await loadSam(name, { ...loadOptions, ...(signal && { signal }) });
  try {
    return await work(sam);
  } finally {
    await sam.close();
  }
}

function contextOf<Settings extends CommonSettings>(
  settings: Settings,
  sets: readonly EvaluationSet[],
  sam: Sam | undefined,
  { embeddingDirectory, signal, onProblem, onProgress }: Omit<EvaluateOptions<ProtocolName>, "settings">,
): ProtocolContext<Settings> {
  const progress = progressOf(sets, settings.limit);
  return {
    settings,
    ...(sam && { sam }),
    embeddings: openEmbeddingCache({ directory: embeddingDirectory }),
    signal,
    onProblem,
    onImages: (set, imagesDone) => onProgress?.(progress(set, imagesDone)),
  };
}

function summarise<Settings extends CommonSettings>(
  protocol: Protocol<Settings>,
  settings: Settings,
  results: readonly SetResult[],
  { model, seconds }: Pick<EvaluationResult["report"], "model" | "seconds">,
): EvaluationResult {
  const samples = results.map((result) => resample(result, settings));
  const sets = results.map((result, i): SetDetails => {
    const metrics = definedMetrics(result.statistic(new Array<number>(result.units).fill(1)));
    return { ...result, metrics, intervals: percentileIntervals(samples[i]!) };
  });
  return {
    report: {
      protocol: protocol.name,
      model,
      settings: { ...settings },
      metrics: meanOverSets(sets.map(({ metrics }) => metrics)),
      datasets: sets.map(({ name, metrics }) => ({ name, metrics })),
      seconds,
    },
    description: protocol.description,
    intervals: percentileIntervals(meanSamples(samples)),
    sets,
  };
}

function resample({ units, statistic }: SetResult, { bootstrapRounds, seed }: CommonSettings): Metrics[] {
  return bootstrap(units, statistic, { rounds: bootstrapRounds, seed });
}

function definedOnly<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
