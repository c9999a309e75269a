import { type ReactNode, useId } from "react";

export interface RadioCard<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly description: string;
  readonly disabled?: boolean;
  /** Shown before the text. */
  readonly thumbnail?: ReactNode;
}

export interface RadioCardsProps<T extends string> {
  readonly legend: string;
  readonly options: readonly RadioCard<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few, each with a line that says what it means. */
export function RadioCards<T extends string>({ legend, options, value, onChange }: RadioCardsProps<T>) {
  const name = useId();
  return (
    <fieldset className="radio-cards">
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} className="radio-card">
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            disabled={option.disabled}
            aria-describedby={`${name}-${option.value}`}
            onChange={() => onChange(option.value)}
          />
          {option.thumbnail}
          <span className="radio-card-text">
            <span className="radio-card-label">{option.label}</span>
            <span id={`${name}-${option.value}`} className="radio-card-description">
              {option.description}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
