import { useId } from "react";

export interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onChange: (value: number) => void;
  readonly format: (value: number) => string;
  /** One line that says what the slider does. */
  readonly hint?: string;
  readonly disabled?: boolean;
}

/** A value between two ends, with what it is right now. */
export function Slider({ label, value, min, max, step, onChange, format, hint, disabled }: SliderProps) {
  const id = useId();
  return (
    <div className="slider">
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id}>{format(value)}</output>
      <input
        id={id}
        type="range"
        {...{ min, max, step, value, disabled }}
        aria-valuetext={format(value)}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      {hint && (
        <p id={`${id}-hint`} className="slider-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
