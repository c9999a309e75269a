import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";

export interface PopoverProps {
  /** What the button says to those who don't see it. */
  readonly label: string;
  readonly buttonClassName: string;
  readonly button: ReactNode;
  readonly children: (close: () => void) => ReactNode;
  readonly tabIndex?: number;
  readonly disabled?: boolean;
}

const MARGIN_PX = 8;

/** A button with a small panel that it opens; Escape, or a click anywhere else, closes it. */
export function Popover({ label, buttonClassName, button, children, ...rest }: PopoverProps) {
  const id = useId();
  const buttonRef = useRef<HTMLButtonElement>(null);
  const panelRef = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);

  useLayoutEffect(() => {
    const panel = panelRef.current;
    if (!isOpen || !panel || !buttonRef.current) return;
    panel.showPopover();
    placeBeside(panel, buttonRef.current);
    const first = panel.querySelector<HTMLElement>("input, button");
    (panel.querySelector<HTMLElement>("input:checked") ?? first ?? panel).focus();
  }, [isOpen]);

  useEffect(() => {
    const panel = panelRef.current;
    if (!isOpen || !panel) return;
    // The browser closes it by itself when the user turns to something else.
    const onToggle = (event: Event) => (event as ToggleEvent).newState === "closed" && setOpen(false);
    panel.addEventListener("toggle", onToggle);
    return () => panel.removeEventListener("toggle", onToggle);
  }, [isOpen]);

  function close(): void {
    setOpen(false);
    buttonRef.current?.focus();
  }

  return (
    <>
      <button
        ref={buttonRef}
        type="button"
        className={buttonClassName}
        aria-label={label}
        title={label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        {...rest}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
      </button>
      {isOpen && (
        // biome-ignore lint/a11y/noStaticElementInteractions: keys that bubble up from what is inside.
        <div
          ref={panelRef}
          id={id}
          popover="auto"
          className="popover"
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Escape") close();
          }}
        >
          {children(close)}
        </div>
      )}
    </>
  );
}

/** Below the button, or above it where there is no room, and inside the window. */
function placeBeside(panel: HTMLElement, button: HTMLElement): void {
  const anchor = button.getBoundingClientRect();
  const { width, height } = panel.getBoundingClientRect();
  const left = Math.min(anchor.left, innerWidth - width - MARGIN_PX);
  const below = anchor.bottom + MARGIN_PX / 2;
  const top = below + height > innerHeight - MARGIN_PX ? anchor.top - height - MARGIN_PX / 2 : below;
  panel.style.left = `${Math.max(MARGIN_PX, left)}px`;
  panel.style.top = `${Math.max(MARGIN_PX, top)}px`;
}
