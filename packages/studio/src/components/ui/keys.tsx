import { keyLabels } from "../../actions/shortcut.js";
import { IS_MAC, keyboardLayout } from "../platform.js";

/** A shortcut as keys. */
export function Keys({ shortcut }: { readonly shortcut: string }) {
  return (
    <span className="keys">
      {keyLabels(shortcut, IS_MAC, keyboardLayout()).map((label) => (
        <kbd key={label}>{label}</kbd>
      ))}
    </span>
  );
}
