import { useEffect, useRef } from "react";

export interface NameFieldProps {
  readonly name: string;
  readonly maxLength: number;
  /** Takes another name; not an empty one. */
  readonly onName: (name: string) => void;
  /** The field is to be taken away. */
  readonly onDone: () => void;
}

/** Types another name: Enter or leaving keeps it, Escape does not. The row's name has the focus then. */
export function NameField({ name, maxLength, onName, onDone }: NameFieldProps) {
  const ref = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useEffect(() => ref.current?.select(), []);

  function finish(isKept: boolean): void {
    // Taking the field away makes it lose the focus, which would come here again.
    if (isDone.current) return;
    isDone.current = true;
    const row = ref.current?.closest("[role=row]");
    const text = ref.current?.value.trim() ?? "";
    onDone();
    if (isKept && text !== "" && text !== name) onName(text);
    requestAnimationFrame(() => row?.querySelector<HTMLElement>(".row-name")?.focus());
  }

  return (
    <input
      ref={ref}
      className="name-field"
      aria-label="Name"
      defaultValue={name}
      maxLength={maxLength}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") finish(true);
        if (event.key === "Escape") finish(false);
      }}
    />
  );
}
