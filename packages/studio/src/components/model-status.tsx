import { ChevronDown, CircleAlert, CircleCheck, LoaderCircle, TriangleAlert } from "lucide-react";
import { runModeOf } from "../state/selectors.js";
import type { RunMode, ModelStatus as Status } from "../state/status.js";
import { formatPercent } from "../text.js";
import { RUN_MODES } from "./run-modes.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { Popover } from "./ui/popover.js";
import { Progress } from "./ui/progress.js";
import { RadioCards } from "./ui/radio-cards.js";

/** How the model is, and where it runs. */
export function ModelStatus() {
  const model = useStudioState((state) => state.model);
  const text = summaryOf(model);
  return (
    <Popover
      label={`Model: ${text}. Choose where it runs`}
      buttonClassName="button button-quiet model-status"
      button={
        <>
          <StatusIcon model={model} />
          <span className="model-status-text">{text}</span>
          <ChevronDown aria-hidden="true" className="model-status-arrow" />
        </>
      }
    >
      {() => (
        <div className="model-panel">
          <ModelDetails model={model} />
          <ModePicker />
        </div>
      )}
    </Popover>
  );
}

function StatusIcon({ model }: { readonly model: Status }) {
  switch (model.state) {
    case "loading":
      return <LoaderCircle aria-hidden="true" className="spinner" />;
    case "ready":
      return model.note === null ? (
        <CircleCheck aria-hidden="true" className="good" />
      ) : (
        <TriangleAlert aria-hidden="true" className="warning" />
      );
    case "failed":
      return <CircleAlert aria-hidden="true" className="bad" />;
  }
}

function ModelDetails({ model }: { readonly model: Status }) {
  switch (model.state) {
    case "loading":
      return <Progress label={model.label} share={model.total === null ? null : model.done / model.total} />;
    case "ready":
      return (
        <div className="model-details">
          <p>
            <strong>{model.name}</strong>
            {model.version !== undefined && `, version ${model.version} of the project’s model,`} is ready.
          </p>
          {model.note !== null && <p className="model-note">{model.note}</p>}
        </div>
      );
    case "failed":
      return <p className="model-details bad">{model.message}</p>;
  }
}

function ModePicker() {
  const studio = useStudio();
  const mode = useStudioState(runModeOf);
  const preferred = useStudioState(({ preferences }) => preferences.mode);
  const modes = useStudioState((state) => state.modes);
  const options = (Object.keys(RUN_MODES) as RunMode[]).map((value) => ({
    value,
    ...RUN_MODES[value],
    disabled: !modes.includes(value),
  }));
  return (
    <RadioCards
      legend="Where the model runs"
      options={options}
      value={mode ?? preferred}
      onChange={studio.setMode}
    />
  );
}

function summaryOf(model: Status): string {
  switch (model.state) {
    case "loading":
      return model.total === null ? model.label : `${model.label} ${formatPercent(model.done / model.total)}`;
    case "ready":
      return model.version === undefined ? model.name : `${model.name} · version ${model.version}`;
    case "failed":
      return "No model";
  }
}
