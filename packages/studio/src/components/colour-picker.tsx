import { useId } from "react";
import { cssColour, objectColour, PALETTE_SIZE } from "../canvas/colours.js";
import { Popover } from "./ui/popover.js";

const NAMES = [
  "Amber",
  "Magenta",
  "Green",
  "Violet",
  "Orange",
  "Cyan",
  "Lime",
  "Pink",
  "Indigo",
  "Tan",
  "Teal",
  "Red",
];

export interface ColourPickerProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (colour: number) => void;
}

/** A swatch that opens the palette. */
export function ColourPicker({ label, value, onChange }: ColourPickerProps) {
  const name = useId();
  const swatch = (colour: number) => (
    <span className="swatch" style={{ background: cssColour(objectColour(colour)) }} />
  );
  return (
    <Popover
      label={label}
      buttonClassName="button button-quiet button-icon row-control"
      tabIndex={-1}
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
            <label key={NAMES[colour]} className="palette-colour" title={NAMES[colour]}>
              <input
                type="radio"
                name={name}
                aria-label={NAMES[colour]}
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
