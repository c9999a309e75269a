import type { EngineStageAudit, EngineStageRun, EngineWorkItem } from "../api/engine.js";
import { formatNumberOf, formatPercent } from "../text.js";
import { useAct, useEngine } from "./engine-context.js";
import { StageAudit } from "./stage-audit.js";

export interface StageRunsProps {
  readonly project: string;
  /** Newest first. */
  readonly runs: readonly EngineStageRun[];
  readonly audit: EngineStageAudit | null;
  /** Of the newest run, while it goes on; null where that is not known. */
  readonly work: EngineWorkItem | null;
  readonly mayChange: boolean;
  readonly onChange: () => void;
}

/** What the model labels by itself: before people, or alone. */
export function StageRuns({ project, runs, audit, work, mayChange, onChange }: StageRunsProps) {
  const { engine } = useEngine();
  const act = useAct();
  const isGoingOn = work?.state === "queued" || work?.state === "running";
  const begin = (stage: 2 | 3) =>
    act(async () => {
      await engine.runStage({ params: { project }, body: { stage } });
      onChange();
    });
  const cancel = () =>
    act(async () => {
      await engine.cancelWork({ params: { work: work!.id } });
      onChange();
    });
  return (
    <section className="projects-card" aria-labelledby="stages">
      <h2 id="stages">Masks that the model makes</h2>
      <p className="muted">
        On images that are open and have no mask. How sure it is of each is learned from accepted masks, and
        only what is sure enough is kept. What people made is never replaced.
      </p>
      {runs.length > 0 && (
        <ul className="task-list">
          {runs.map((run, i) => (
            <li key={run.id}>
              <strong className="task-name">{STAGES[run.stage]}</strong>
              <p>{resultOf(run, i === 0 ? work : null)}</p>
            </li>
          ))}
        </ul>
      )}
      {mayChange && (
        <div className="form-actions">
          {isGoingOn ? (
            <button type="button" className="button button-plain" onClick={() => void cancel()}>
              Stop
            </button>
          ) : (
            <>
              <button type="button" className="button button-primary" onClick={() => void begin(2)}>
                Pre-fill for people
              </button>
              <button type="button" className="button button-plain" onClick={() => void begin(3)}>
                Label the rest alone
              </button>
            </>
          )}
        </div>
      )}
      <StageAudit {...{ project, runs, audit, mayChange, onChange }} />
    </section>
  );
}

const STAGES: Readonly<Record<2 | 3, string>> = {
  2: "Stage 2: pre-filled for people",
  3: "Stage 3: labelled alone",
};

function resultOf({ images, masks, confidence, finishedAt }: EngineStageRun, work: EngineWorkItem | null) {
  const done = `${formatNumberOf(masks, "mask")} on ${images.done} of ${formatNumberOf(images.total, "image")}`;
  if (work?.state === "dead") return `${done}; it failed: ${work.error}`;
  if (work?.state === "cancelled") return `${done}; it was stopped.`;
  if (finishedAt === null) return `${done} so far.`;
  if (!confidence) return `${done}.`;
  const { threshold, heldBack } = confidence;
  if (threshold === null) return "No mask was sure enough to be kept.";
  const good = heldBack.precision === null ? "" : `, of which ${formatPercent(heldBack.precision)} were good`;
  return `${done}. Kept from a confidence of ${formatPercent(threshold)} on${good} among ${formatNumberOf(heldBack.masks, "mask")} that were held back.`;
}
