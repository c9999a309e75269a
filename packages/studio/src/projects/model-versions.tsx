import { type FormEvent, useState } from "react";
import type { EngineModelVersion } from "../api/engine.js";
import { formatNumberOf } from "../text.js";
import { useAct, useEngine } from "./engine-context.js";

export interface ModelVersionsProps {
  readonly project: string;
  readonly versions: readonly EngineModelVersion[];
  readonly mayChange: boolean;
  readonly onChange: () => void;
}

/** The versions beside each other, newest first: what they were made of, how good they are, which is used. */
export function ModelVersions({ project, versions, mayChange, onChange }: ModelVersionsProps) {
  const { engine } = useEngine();
  const act = useAct();
  const isTraining = versions.some(({ state }) => state === "training");
  const train = () =>
    act(async () => {
      await engine.retrainModel({ params: { project }, body: {} });
      onChange();
    });
  return (
    <section className="projects-card" aria-labelledby="versions">
      <h2 id="versions">Model versions</h2>
      <p className="muted">
        A version is trained on the accepted masks, measured on images that are kept for that, and used if it
        is better. Pages that label for the project go on with it at once.
      </p>
      {versions.length === 0 ? (
        <p>The project uses the model that the server was started with.</p>
      ) : (
        <VersionTable {...{ versions, mayChange, onChange }} />
      )}
      {mayChange && (
        <div className="form-actions">
          <button
            type="button"
            className="button button-primary"
            disabled={isTraining}
            onClick={() => void train()}
          >
            {isTraining ? "A version is being trained …" : "Train the next version"}
          </button>
        </div>
      )}
    </section>
  );
}

function VersionTable({
  versions,
  ...rest
}: Pick<ModelVersionsProps, "versions" | "mayChange" | "onChange">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
    <section className="table-frame" aria-label="Model versions" tabIndex={0}>
      <table className="job-table statistics-table">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">State</th>
            <th scope="col">Trained on</th>
            <th scope="col" title="Mean IoU on the frozen images, before and after">
              One click
            </th>
            <th scope="col" title="Mean IoU on the frozen images, before and after">
              Three clicks
            </th>
            <th scope="col" title="Mean IoU on the frozen images, before and after">
              Box
            </th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {[...versions].reverse().map((version) => (
            <VersionRow key={version.id} version={version} {...rest} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface VersionRowProps extends Pick<ModelVersionsProps, "mayChange" | "onChange"> {
  readonly version: EngineModelVersion;
}

function VersionRow({ version, mayChange, onChange }: VersionRowProps) {
  const { number, state, source, data, scores, reason, error } = version;
  const { masks, images } = data.training;
  const score = (name: "click" | "clicks" | "box") =>
    scores ? `${scores.before[name].toFixed(3)} → ${scores.after[name].toFixed(3)}` : "–";
  return (
    <tr>
      <th scope="row">{number}</th>
      <td>
        {STATES[state]}
        {mayChange && (state === "candidate" || state === "former") && (
          <UseVersion version={version} onChange={onChange} />
        )}
      </td>
      <td>
        {masks > 0
          ? `${formatNumberOf(masks, "mask")} of ${formatNumberOf(images, "image")}`
          : (source?.name ?? "–")}
      </td>
      <td>{score("click")}</td>
      <td>{score("clicks")}</td>
      <td>{score("box")}</td>
      <td>{state === "training" ? progressOf(version) : (reason ?? error ?? "")}</td>
    </tr>
  );
}

const STATES: Readonly<Record<EngineModelVersion["state"], string>> = {
  training: "in training",
  failed: "failed",
  candidate: "candidate",
  current: "in use",
  former: "used before",
};

function progressOf({ progress }: EngineModelVersion): string {
  const now = progress as { readonly what?: string; readonly done?: number; readonly total?: number } | null;
  return now?.total ? `${now.what} ${now.done} of ${now.total}` : "waits for the machine";
}

/** Another version is used for a reason, which is kept. */
function UseVersion({ version, onChange }: Pick<VersionRowProps, "version" | "onChange">) {
  const { engine } = useEngine();
  const act = useAct();
  const [isAsking, setIsAsking] = useState(false);
  const use = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    void act(async () => {
      // biome-ignore lint/correctness/useHookAtTopLevel: a route of the server, and no hook.
      await engine.useModelVersion({ params: { model: version.id }, body: { reason } });
      setIsAsking(false);
      onChange();
    });
  };
  if (!isAsking)
    return (
      <button type="button" className="button button-quiet" onClick={() => setIsAsking(true)}>
        Use version {version.number}
      </button>
    );
  return (
    <form className="use-version" onSubmit={use}>
      <label className="field">
        Why
        <input className="name-field" name="reason" required maxLength={2000} />
      </label>
      <button type="submit" className="button button-plain">
        Use it
      </button>
    </form>
  );
}
