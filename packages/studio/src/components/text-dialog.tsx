import { useEffect, useId, useRef, useState } from "react";
import { useStudio } from "./studio-context.js";
import { Dialog } from "./ui/dialog.js";

export interface TextDialogProps {
  readonly title: string;
  readonly lead: string;
  readonly label: string;
  /** Of the button that sends it. */
  readonly send: string;
  readonly mayBeEmpty?: boolean;
  readonly onSend: (text: string) => Promise<void> | undefined;
  readonly onClose: () => void;
}

/** Asks for a text; Control+Enter sends it. */
export function TextDialog({ title, lead, label, send, mayBeEmpty, onSend, onClose }: TextDialogProps) {
  const studio = useStudio();
  const id = useId();
  const ref = useRef<HTMLTextAreaElement>(null);
  const [isEmpty, setEmpty] = useState(true);
  useEffect(() => ref.current?.focus(), []);
  const isReady = mayBeEmpty || !isEmpty;

  function submit(): void {
    if (!isReady) return;
    onClose();
    void onSend(ref.current?.value.trim() ?? "")?.catch((cause: Error) =>
      studio.notify("error", `“${title}” did not work. ${cause.message}`),
    );
  }

  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button button-plain" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button button-primary"
            aria-disabled={isReady ? undefined : true}
            onClick={submit}
          >
            {send}
          </button>
        </>
      }
    >
      <p className="dialog-lead">{lead}</p>
      <div className="field">
        <label htmlFor={id}>{label}</label>
        <textarea
          ref={ref}
          id={id}
          className="text-field"
          rows={4}
          maxLength={1000}
          onChange={({ target }) => setEmpty(target.value.trim() === "")}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
          }}
        />
      </div>
    </Dialog>
  );
}
