import { useCallback, useEffect } from "react";
import type { EngineProject, EngineTask } from "../api/engine.js";
import { useEngine, useLoaded } from "./engine-context.js";
import { Failure } from "./failure.js";
import { ExportForm, ImportForm, SegmentForm } from "./machine-forms.js";
import { WorkList } from "./work-list.js";

export interface MachinePageProps {
  readonly project: EngineProject;
  readonly tasks: readonly EngineTask[];
  /** There may be a new task. */
  readonly onChange: () => void;
}

/** Items that are shown. */
const SHOWN = 50;

/** Milliseconds between looks at work that goes on. */
const LOOK_MS = 1500;

/** What the machine does for a project: everything mode, exports, imports; how far each is. */
export function MachinePage({ project, tasks, onChange }: MachinePageProps) {
  const { engine } = useEngine();
  const load = useCallback(
    () => engine.listWork({ params: { project: project.id }, query: { limit: SHOWN } }),
    [engine, project.id],
  );
  const { value, error, reload } = useLoaded(load);
  const items = value?.items ?? [];
  const goesOn = items.some(({ state }) => state === "queued" || state === "running");
  const imports = items.filter(({ kind, state }) => kind === "import" && state === "done").length;

  useEffect(() => {
    if (!goesOn) return;
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [goesOn, reload]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: an import that is done has made a task.
  useEffect(() => {
    if (imports > 0) onChange();
  }, [imports]);

  return (
    <>
      <section className="projects-card" aria-labelledby="work">
        <h2 id="work">Work</h2>
        {error && <Failure message={error} />}
        {value && items.length === 0 && <p className="muted">The machine has done nothing yet.</p>}
        <WorkList items={items} tasks={tasks} onChange={reload} />
      </section>
      <SegmentForm {...{ project, tasks }} onBegun={reload} />
      <ExportForm project={project.id} onBegun={reload} />
      <ImportForm project={project.id} onBegun={reload} />
    </>
  );
}
