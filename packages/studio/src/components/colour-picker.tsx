import { useId } from "react";
import { colourName, cssColour, objectColour, PALETTE_SIZE } from "../canvas/colours.js";
import { Popover } from "./ui/popover.js";

export interface ColourPickerProps {
  readonly label: string;
  readonly value: number;
  readonly disabled: boolean;
  readonly onChange: (colour: number) => void;
}

/** A swatch that opens the palette. */
export function ColourPicker({ label, value, disabled, onChange }: ColourPickerProps) {
  const name = useId();
  const swatch = (colour: number) => (
    <span className="swatch" style={{ background: cssColour(objectColour(colour)) }} />
  );
  return (
    <Popover
      label={label}
      buttonClassName="button button-quiet button-icon row-control"
      tabIndex={-1}
      disabled={disabled}
      button={swatch(value)}
    >
      {(close) => (
        <fieldset
          className="palette"
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            // Or else the button, which gets the focus, would take this key as a press.
            event.preventDefault();
            close();
          }}
        >
          <legend className="visually-hidden">{label}</legend>
          {Array.from({ length: PALETTE_SIZE }, (_, colour) => (
            <label key={colourName(colour)} className="palette-colour" title={colourName(colour)}>
              <input
                type="radio"
                name={name}
                aria-label={colourName(colour)}
                checked={value % PALETTE_SIZE === colour}
                onChange={() => onChange(colour)}
              />
              {swatch(colour)}
            </label>
          ))}
        </fieldset>
      )}
    </Popover>
  );
}
