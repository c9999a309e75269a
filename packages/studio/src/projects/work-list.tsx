import type { EngineTask, EngineWork } from "../api/engine.js";
import { formatBytes, formatCount, formatNumberOf } from "../text.js";
import { useAct, useEngine } from "./engine-context.js";
import { WORK_NAMES } from "./work-names.js";

export interface WorkListProps {
  readonly items: readonly EngineWork[];
  readonly tasks: readonly EngineTask[];
  readonly onChange: () => void;
}

/** Work of the machine, newest first: how far it is, its result, or why it failed. */
export function WorkList({ items, tasks, onChange }: WorkListProps) {
  return (
    <ul className="work-list">
      {items.map((item) => (
        <WorkRow key={item.id} {...{ item, tasks, onChange }} />
      ))}
    </ul>
  );
}

/** What handlers report, as far as it is shown. */
interface Told {
  readonly what?: string;
  readonly done?: number;
  readonly total?: number | null;
  readonly images?: number;
  readonly masks?: number;
  readonly annotations?: number;
  readonly bytes?: number;
}

function WorkRow({ item, tasks, onChange }: Omit<WorkListProps, "items"> & { readonly item: EngineWork }) {
  const { engine } = useEngine();
  const act = useAct();
  const { id: work, kind, state, payload, cancelRequested, error } = item;
  const params = { work };
  const name = WORK_NAMES[kind] ?? kind;
  const task = tasks.find(({ id }) => id === (payload as { task?: string } | null)?.task);
  const change = (call: () => Promise<unknown>) => () => void act(() => call().then(onChange));
  const goesOn = state === "queued" || state === "running";
  const label = `${name}${task ? ` of ${task.name}` : ""}`;
  return (
    <li>
      <span className="work-name">
        <strong>{label}</strong>{" "}
        <span className={state === "dead" ? "bad" : "muted"}>
          {cancelRequested && goesOn ? "stops" : STATES[state]}
        </span>
      </span>
      {state === "running" && <Progress told={(item.progress ?? {}) as Told} label={label} />}
      {state === "done" && <span>{resultOf(item.result as Told | null)}</span>}
      {error !== null && state !== "done" && <span className="bad work-error">{error}</span>}
      {kind === "export" && state === "done" && (
        <a className="button button-plain" href={`v1/engine/work-items/${work}/file`} download>
          Download
        </a>
      )}
      {goesOn && !cancelRequested && (
        <button
          type="button"
          className="button button-plain"
          onClick={change(() => engine.cancelWork({ params }))}
        >
          Cancel<span className="visually-hidden"> {label}</span>
        </button>
      )}
      {(state === "dead" || state === "cancelled") && (
        <button
          type="button"
          className="button button-plain"
          onClick={change(() => engine.runWorkAgain({ params }))}
        >
          Go on<span className="visually-hidden"> with {label}</span>
        </button>
      )}
    </li>
  );
}

const STATES: Readonly<Record<EngineWork["state"], string>> = {
  queued: "waits",
  running: "goes on",
  done: "done",
  dead: "failed",
  cancelled: "cancelled",
};

function Progress({ told, label }: { readonly told: Told; readonly label: string }) {
  const { what, done, total } = told;
  if (done === undefined) return null;
  return (
    <span className="work-progress">
      <progress aria-label={`How far: ${label}`} {...(total ? { value: done, max: total } : {})} />
      <span>
        {what ? `${what}: ` : ""}
        {formatCount(done)}
        {total ? ` of ${formatCount(total)}` : ""}
      </span>
    </span>
  );
}

function resultOf(told: Told | null): string {
  if (!told) return "";
  const { images = told.done, masks = told.annotations, bytes } = told;
  return [
    images === undefined ? "" : formatNumberOf(images, "image"),
    masks === undefined ? "" : formatNumberOf(masks, "mask"),
    bytes === undefined ? "" : formatBytes(bytes),
  ]
    .filter((text) => text !== "")
    .join(", ");
}
