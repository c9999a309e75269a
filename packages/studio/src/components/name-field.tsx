import { useEffect, useRef } from "react";
import { updateObject } from "../state/edits.js";
import { useStudio } from "./studio-context.js";

export interface NameFieldProps {
  readonly objectId: string;
  readonly name: string;
}

/** Types another name: Enter or leaving keeps it, Escape does not. */
export function NameField({ objectId, name }: NameFieldProps) {
  const studio = useStudio();
  const ref = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useEffect(() => ref.current?.select(), []);

  function finish(isKept: boolean): void {
    // Taking the field away makes it lose the focus, which would come here again.
    if (isDone.current) return;
    isDone.current = true;
    const row = ref.current?.closest("[data-object]");
    const text = ref.current?.value.trim() ?? "";
    studio.set(() => ({ renamingObjectId: null }));
    if (isKept && text !== "" && text !== name) {
      studio.edit("Rename object", (document) => updateObject(document, objectId, { name: text }));
    }
    requestAnimationFrame(() => row?.querySelector<HTMLElement>(".row-name")?.focus());
  }

  return (
    <input
      ref={ref}
      className="name-field"
      aria-label="Name"
      defaultValue={name}
      maxLength={120}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") finish(true);
        if (event.key === "Escape") finish(false);
      }}
    />
  );
}
