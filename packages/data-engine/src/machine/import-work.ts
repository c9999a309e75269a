import type { Dataset } from "@segany/dataset";
import { audit } from "../audit.js";
import type { Context } from "../context.js";
import {
  endImport,
  type ImportOptions,
  type ImportProgress,
  importSteps,
  NOTHING_IMPORTED,
} from "../datasets/import-dataset.js";
import type { WorkHandler } from "../work-items/run-item.js";
import type { WorkItem } from "../work-items/work-item.js";

/** Kind of the work that makes a task of an uploaded data set. */
export const IMPORT = "import";

/** Payload of {@link IMPORT}. */
export interface ImportWork {
  readonly project: string;
  readonly person: string;
  /** Key of the uploaded zip file. */
  readonly file: string;
  /** Name of the new task. */
  readonly task: string;
  readonly imagesPerJob?: number;
  readonly accepted?: boolean;
  /** Of the data set; found by looking at it by default. */
  readonly format?: string;
}

/** The uploaded set, opened, and where its images go. */
export interface OpenedSet extends Pick<ImportOptions, "addImage" | "onProblem" | "onLoss"> {
  readonly dataset: Dataset;
}

/**
 * The handler of {@link IMPORT}. A later attempt goes on at the image where this one stops.
 *
 * @param withSet opens the work's data set for as long as `use` needs it
 */
export function createImportWork(
  context: Context,
  withSet: <T>(item: WorkItem, signal: AbortSignal, use: (set: OpenedSet) => Promise<T>) => Promise<T>,
): WorkHandler {
  return async (item, { signal, advance }) => {
    const { project, person, file: _, format: __, ...options } = item.payload as ImportWork;
    const begun = (item.progress as ImportProgress | null) ?? NOTHING_IMPORTED;
    const run = { ...options, project, id: item.id, begun, advance, signal };
    const done = await withSet(item, signal, ({ dataset, ...takers }) =>
      importSteps(context, person, dataset, { ...run, ...takers }),
    );
    return async (trx) => {
      const { task, ...report } = await endImport(trx, context.now(), person, done, options);
      const result = { task: task.id, ...report };
      await audit(trx, context.now(), {
        ...{ person: null, event: "complete:import", project, object: task.id },
        details: { images: report.images, masks: report.masks },
      });
      return result;
    };
  };
}
