import type { ListOrder } from "../state/listed-objects.js";
import { formatPercent } from "../text.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { Slider } from "./ui/slider.js";

/** How sure the machine is of a mask that it made. */
export function ConfidenceBadge({ value }: { readonly value: number }) {
  const text = formatPercent(value);
  return (
    <span className="confidence-badge" title={`The model is ${text} sure of this mask`}>
      {text}
      <meter className="confidence-bar" aria-hidden="true" value={value} />
      <span className="visually-hidden"> sure</span>
    </span>
  );
}

const ORDERS: Readonly<Record<ListOrder, string>> = {
  made: "As made",
  "least-sure": "Least sure",
  "most-sure": "Most sure",
};

/** Sorts and filters the list by confidence; there while the machine made some of the masks. */
export function ConfidenceFilter() {
  const studio = useStudio();
  const { order, atMost } = useStudioState((state) => state.objectList);
  const change = (part: Partial<{ order: ListOrder; atMost: number | null }>) =>
    studio.set(({ objectList }) => ({ objectList: { ...objectList, ...part } }));
  return (
    <div className="confidence-filter">
      <label className="field">
        <span>Order</span>
        <select value={order} onChange={({ target }) => change({ order: target.value as ListOrder })}>
          {Object.entries(ORDERS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <Slider
        label="Sure at most"
        value={atMost ?? 1}
        min={0}
        max={1}
        step={0.01}
        format={(value) => (value === 1 ? "all" : formatPercent(value))}
        onChange={(value) => change({ atMost: value === 1 ? null : value })}
      />
    </div>
  );
}
