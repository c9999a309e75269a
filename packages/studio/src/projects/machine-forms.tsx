import { type FormEvent, type ReactNode, useCallback, useState } from "react";
import type { EngineProject, EngineTask } from "../api/engine.js";
import { useAct, useEngine, useLoaded } from "./engine-context.js";

interface FormProps {
  readonly id: string;
  readonly title: string;
  /** What it does, in one sentence. */
  readonly about: string;
  readonly action: string;
  readonly isUsable?: boolean;
  readonly onSubmit: (data: FormData) => Promise<unknown>;
  readonly children: ReactNode;
}

/** A form that begins work. */
function WorkForm({ id, title, about, action, isUsable = true, onSubmit, children }: FormProps) {
  const act = useAct();
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    await act(() => onSubmit(data));
    setBusy(false);
  }

  return (
    <section className="projects-card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className="muted">{about}</p>
      <form className="task-form" onSubmit={(event) => void submit(event)}>
        {children}
        <div className="form-actions">
          <button type="submit" className="button button-primary" disabled={isBusy || !isUsable}>
            {isBusy ? "Sending …" : action}
          </button>
        </div>
      </form>
    </section>
  );
}

interface SegmentFormProps {
  readonly project: EngineProject;
  readonly tasks: readonly EngineTask[];
  readonly onBegun: () => void;
}

/** Everything mode over a task. */
export function SegmentForm({ project, tasks, onBegun }: SegmentFormProps) {
  const { engine } = useEngine();
  return (
    <WorkForm
      id="segment"
      title="Find all objects"
      about="Everything mode on the images of a task that are still to be labelled. What is there stays; people correct or delete the new masks."
      action="Find objects"
      isUsable={tasks.length > 0}
      onSubmit={async (data) => {
        const behaviour = data.get("behaviour") as "official" | "paper" | "fast";
        const pointsPerSide = Number(data.get("pointsPerSide")) || undefined;
        await engine.segmentTask({
          params: { task: String(data.get("task")) },
          body: { behaviour, pointsPerSide, className: String(data.get("class")) || null },
        });
        onBegun();
      }}
    >
      <label className="field">
        Task
        <select name="task">
          {tasks.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        Class of the masks
        <select name="class">
          <option value="">none</option>
          {project.classes.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label className="field">
        How
        <select name="behaviour" defaultValue="official">
          <option value="official">as Meta's repository</option>
          <option value="paper">as the paper: small objects, too, ten times as long</option>
          <option value="fast">fast: fewer small objects</option>
        </select>
      </label>
      <label className="field">
        Points a side
        <input className="name-field" type="number" name="pointsPerSide" min={1} max={128} placeholder="32" />
      </label>
    </WorkForm>
  );
}

interface TransferFormProps {
  /** Id of the project. */
  readonly project: string;
  readonly onBegun: () => void;
}

/** Masks into a file. */
export function ExportForm({ project, onBegun }: TransferFormProps) {
  const { engine } = useEngine();
  const load = useCallback(() => engine.listExportFormats(), [engine]);
  const { value: formats } = useLoaded(load);
  return (
    <WorkForm
      id="export"
      title="Export"
      about="The project's masks as a data set, in a zip file that is kept for seven days."
      action="Export"
      isUsable={formats !== null}
      onSubmit={async (data) => {
        const state = data.get("state") as "accepted" | "labelled" | "all";
        const format = String(data.get("format"));
        const images = data.get("images") === "on";
        await engine.exportProject({ params: { project }, body: { format, state, images } });
        onBegun();
      }}
    >
      <label className="field">
        Format
        <select key={formats ? "formats" : "none"} name="format" defaultValue="coco">
          {formats?.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        Which images
        <select name="state">
          <option value="accepted">those of accepted jobs</option>
          <option value="labelled">all that are labelled</option>
          <option value="all">all, also those that are open</option>
        </select>
      </label>
      <label className="check">
        <input type="checkbox" name="images" defaultChecked />
        With the image files
      </label>
    </WorkForm>
  );
}

/** A file into a task. */
export function ImportForm({ project, onBegun }: TransferFormProps) {
  const { engine } = useEngine();
  return (
    <WorkForm
      id="import"
      title="Import"
      about="A labelled data set, with its images, packed as a zip file. It becomes a task that is seen when all of it is there."
      action="Import"
      onSubmit={async (data) => {
        const task = String(data.get("task"));
        const accepted = data.get("accepted") === "on" ? "true" : "false";
        const imagesPerJob = Number(data.get("imagesPerJob")) || undefined;
        await engine.importSet({
          params: { project },
          query: { task, accepted, imagesPerJob },
          file: data.get("file") as File,
        });
        onBegun();
      }}
    >
      <label className="field">
        Zip file
        <input className="name-field" type="file" name="file" accept=".zip,application/zip" required />
      </label>
      <label className="field">
        Name of the task
        <input className="name-field" name="task" required maxLength={200} />
      </label>
      <label className="field">
        Images a job
        <input className="name-field" type="number" name="imagesPerJob" min={1} placeholder="all" />
      </label>
      <label className="check">
        <input type="checkbox" name="accepted" />
        Its masks are accepted work
      </label>
    </WorkForm>
  );
}
