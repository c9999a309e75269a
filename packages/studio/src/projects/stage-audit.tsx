import type { FormEvent } from "react";
import type { EngineStageAudit } from "../api/engine.js";
import { formatNumberOf } from "../text.js";
import { useAct, useEngine } from "./engine-context.js";
import type { StageRunsProps } from "./stage-runs.js";

type StageAuditProps = Pick<StageRunsProps, "project" | "runs" | "audit" | "mayChange" | "onChange">;

/** How good the masks of stage 3 are: people correct a random sample. */
export function StageAudit({ project, runs, audit, mayChange, onChange }: StageAuditProps) {
  const { engine } = useEngine();
  const act = useAct();
  const last = runs.find(({ stage, finishedAt }) => stage === 3 && finishedAt !== null);
  if (!last) return null;
  const begin = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const masks = Number(new FormData(event.currentTarget).get("masks"));
    void act(async () => {
      await engine.beginStageAudit({ params: { project }, body: { masks } });
      onChange();
    });
  };
  return (
    <>
      <h3>Audit of stage 3</h3>
      {audit && <p>{resultOf(audit)}</p>}
      {mayChange && audit?.run !== last.id && (
        <form className="form-actions" onSubmit={begin}>
          <label className="field">
            Masks of the sample
            <input
              className="name-field"
              name="masks"
              type="number"
              min={1}
              max={100000}
              defaultValue={500}
            />
          </label>
          <button type="submit" className="button button-plain">
            Ask annotators about a sample
          </button>
        </form>
      )}
    </>
  );
}

function resultOf({ masks, jobs, ...audit }: EngineStageAudit): string {
  const todo = `${masks.done} of ${formatNumberOf(masks.total, "mask")} corrected, in ${formatNumberOf(jobs.length, "job")}`;
  if (masks.done === 0) return `${todo}. Annotators get them before other images.`;
  const percent = (value: number) => (100 * value).toFixed(1);
  const share = (value: number, [low, high]: readonly [number, number]) =>
    `${percent(value)} % (${percent(low)} to ${percent(high)} %)`;
  return `${todo}. IoU to the correction above .9: ${share(audit.share90, audit.interval90)}; above .75: ${share(audit.share75, audit.interval75)}. In brackets: 95 % confidence.`;
}
