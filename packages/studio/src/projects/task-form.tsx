import { type FormEvent, useCallback, useState } from "react";
import { createApiClient } from "../api/api-client.js";
import type { EngineProject, EngineTask } from "../api/engine.js";
import { formatNumberOf } from "../text.js";
import { chooseImages, type KnownImage } from "./choose-images.js";
import { useAct, useEngine, useLoaded } from "./engine-context.js";

export interface TaskFormProps {
  readonly project: EngineProject;
  readonly tasks: readonly EngineTask[];
  readonly onChange: () => void;
}

type Type = "annotation" | "consensus" | "training" | "ground-truth";

const TYPES: Readonly<Record<Type, string>> = {
  annotation: "annotation: each image by one person",
  consensus: "consensus: each image by several people",
  training: "training: all by each newcomer, judged by ground truth",
  "ground-truth": "ground truth: a part of a task, by trusted people",
};

/** Makes a task of images on the server, or the ground truth of one. */
export function TaskForm({ project, tasks, onChange }: TaskFormProps) {
  const { engine } = useEngine();
  const act = useAct();
  const [type, setType] = useState<Type>("annotation");
  const [of, setOf] = useState(tasks[0]?.id ?? "");
  const [choice, setChoice] = useState({ pattern: "", most: "", isNew: true });
  const { images, inTasks } = useImages(tasks, type === "ground-truth" ? of : null);
  const chosen = chooseImages(images, {
    pattern: choice.pattern,
    most: choice.most === "" ? null : Number(choice.most),
    except: choice.isNew && type !== "ground-truth" ? inTasks : new Set(),
  });
  const isTruth = type === "ground-truth";

  async function make(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const numberOf = (name: string) => Number(data.get(name)) || undefined;
    const ids = chosen.map(({ id }) => id);
    await act(async () => {
      if (isTruth) await engine.addGroundTruth({ params: { task: of }, body: { images: ids } });
      else
        await engine.createTask({
          params: { project: project.id },
          body: {
            ...{ name: String(data.get("name")), images: ids },
            ...(type !== "training" && { imagesPerJob: numberOf("imagesPerJob") }),
            ...(type === "consensus" && { replicas: numberOf("replicas") }),
            ...(type === "training" && { purpose: "training" }),
          },
        });
      onChange();
    });
  }

  return (
    <section className="projects-card" aria-labelledby="new-task">
      <h2 id="new-task">New task</h2>
      <form className="task-form" onSubmit={(event) => void make(event)}>
        <label className="field">
          Type
          <select value={type} onChange={({ target }) => setType(target.value as Type)}>
            {Object.entries(TYPES).map(([value, text]) => (
              <option key={value} value={value} disabled={value === "ground-truth" && tasks.length === 0}>
                {text}
              </option>
            ))}
          </select>
        </label>
        {isTruth ? (
          <label className="field">
            Of the task
            <select value={of} onChange={({ target }) => setOf(target.value)}>
              {tasks.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        ) : (
          <label className="field">
            Name
            <input className="name-field" name="name" required maxLength={200} />
          </label>
        )}
        <Images choice={choice} hasNew={!isTruth} onChange={setChoice} />
        {(type === "annotation" || type === "consensus") && (
          <Count name="imagesPerJob" label="Images a job" placeholder="all" />
        )}
        {type === "consensus" && (
          <Count name="replicas" label="People an image" initial={3} least={2} most={10} />
        )}
        <ChosenImages images={chosen} />
        <div className="form-actions">
          <button type="submit" className="button button-primary" disabled={chosen.length === 0}>
            {isTruth ? "Add ground truth" : "Make the task"}
          </button>
        </div>
      </form>
    </section>
  );
}

interface Choice {
  readonly pattern: string;
  readonly most: string;
  /** Only images that are of no task yet. */
  readonly isNew: boolean;
}

interface ImagesProps {
  readonly choice: Choice;
  readonly hasNew: boolean;
  readonly onChange: (choice: Choice) => void;
}

function Images({ choice, hasNew, onChange }: ImagesProps) {
  return (
    <>
      <label className="field">
        Images by name
        <input
          className="name-field"
          placeholder="all; street-*.jpg"
          value={choice.pattern}
          onChange={({ target }) => onChange({ ...choice, pattern: target.value })}
        />
      </label>
      <label className="field">
        At most
        <input
          className="name-field"
          type="number"
          min={1}
          placeholder="all"
          value={choice.most}
          onChange={({ target }) => onChange({ ...choice, most: target.value })}
        />
      </label>
      {hasNew && (
        <label className="check">
          <input
            type="checkbox"
            checked={choice.isNew}
            onChange={({ target }) => onChange({ ...choice, isNew: target.checked })}
          />
          Only images of no task of the project
        </label>
      )}
    </>
  );
}

interface CountProps {
  readonly name: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly initial?: number;
  readonly least?: number;
  readonly most?: number;
}

function Count({ name, label, placeholder, initial, least = 1, most }: CountProps) {
  return (
    <label className="field">
      {label}
      <input
        {...{ className: "name-field", type: "number", name, placeholder, min: least, max: most }}
        defaultValue={initial}
        required={initial !== undefined}
      />
    </label>
  );
}

/** So many names are shown. */
const MAX_NAMES = 8;

function ChosenImages({ images }: { readonly images: readonly KnownImage[] }) {
  const names = images.slice(0, MAX_NAMES).map(({ name }) => name);
  return (
    <p className="muted chosen-images" role="status">
      {images.length === 0
        ? "No image: send images to the server first, or choose others."
        : `${formatNumberOf(images.length, "image")}: ${names.join(", ")}${images.length > MAX_NAMES ? ", …" : ""}`}
    </p>
  );
}

/** @param of the task whose images they are; null for all on the server that the person may see */
function useImages(tasks: readonly EngineTask[], of: string | null) {
  const { engine } = useEngine();
  const load = useCallback(async () => {
    if (of !== null) return { images: await engine.listTaskImages({ params: { task: of } }), inTasks: [] };
    const images = await createApiClient(document.baseURI).images();
    const lists = await Promise.all(tasks.map(({ id }) => engine.listTaskImages({ params: { task: id } })));
    return { images, inTasks: lists.flat().map(({ id }) => id) };
  }, [engine, tasks, of]);
  const { value } = useLoaded<{
    readonly images: readonly KnownImage[];
    readonly inTasks: readonly string[];
  }>(load);
  return { images: value?.images ?? [], inTasks: new Set(value?.inTasks) };
}
