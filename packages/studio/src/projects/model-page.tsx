import { useCallback, useEffect } from "react";
import { useEngine, useLoaded } from "./engine-context.js";
import { Failure } from "./failure.js";
import { ModelVersions } from "./model-versions.js";
import { StageRuns } from "./stage-runs.js";
import { isAtLeast, type Role } from "./standing.js";

/** While the machine works, what it reports is read again so often. */
const LOOK_EVERY_MS = 2000;

/** The versions of a project's model, what the model labels by itself, and how good that is. */
export function ModelPage({ project, role }: { readonly project: string; readonly role: Role | null }) {
  const { engine } = useEngine();
  const load = useCallback(async () => {
    const params = { project };
    const [versions, runs, { audit }] = await Promise.all([
      engine.listModelVersions({ params }),
      engine.listStageRuns({ params }),
      engine.getStageAudit({ params }),
    ]);
    const [run] = runs;
    const mayBeGoingOn = run && run.finishedAt === null && isAtLeast(role, "maintainer");
    const work = mayBeGoingOn ? await engine.getWorkItem({ params: run }) : null;
    return { versions, runs, audit, work };
  }, [engine, project, role]);
  const { value, error, reload } = useLoaded(load);
  const isBusy =
    value !== null &&
    (value.versions.some(({ state }) => state === "training") ||
      ["queued", "running"].includes(value.work?.state ?? ""));
  useEffect(() => {
    if (!isBusy) return;
    const timer = setInterval(reload, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isBusy, reload]);
  if (!value) return error ? <Failure message={error} /> : <p className="muted">Reading …</p>;
  const common = { project, mayChange: isAtLeast(role, "maintainer"), onChange: reload };
  return (
    <>
      {error && <Failure message={error} />}
      <ModelVersions versions={value.versions} {...common} />
      <StageRuns {...value} {...common} />
    </>
  );
}
