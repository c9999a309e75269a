import { audit } from "../audit.js";
import type { Context } from "../context.js";
import type { WorkHandler } from "../work-items/run-item.js";
import { orderJobs } from "./order-jobs.js";
import type { StageRun } from "./stage-run.js";

/** How far a run is: plain data. */
export interface RunStageProgress {
  readonly what: "learning" | "labelling";
  readonly done: number;
  readonly total: number;
}

/** Labels the images of a run: `runStage`, here or in another process. */
export type StageAttempt = (
  run: string,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: RunStageProgress) => void },
) => Promise<StageRun>;

/** The handler of work of the kind `STAGE`. Its result: images and masks of the run. */
export function createStageWork({ now }: Pick<Context, "now">, label: StageAttempt): WorkHandler {
  return async ({ payload }, { signal, progress }) => {
    const { run: id } = payload as { readonly run: string };
    const run = await label(id, { signal, onProgress: progress });
    return async (trx) => {
      if (run.stage === 2 && run.settings.order === "active")
        await orderJobs(trx, id, run.settings.randomShare);
      await trx.updateTable("stage_run").set({ finished_at: now() }).where("id", "=", id).execute();
      const details = { stage: run.stage, images: run.images.done, masks: run.masks };
      await audit(trx, now(), {
        ...{ person: null, event: "complete:stage", project: run.project, object: id, details },
      });
      return details;
    };
  };
}
