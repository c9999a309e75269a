import { type ReactNode, useId } from "react";
import { formatCount } from "../text.js";
import type { PanelName } from "./panel-name.js";

export interface PanelProps {
  readonly name: PanelName;
  readonly title: string;
  readonly count?: number;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of the side bar; on narrow screens a sheet of its own. */
export function Panel({ name, title, count, actions, children }: PanelProps) {
  const id = useId();
  return (
    <section className={`panel panel-${name}`} data-panel={name} aria-labelledby={id}>
      <header className="panel-header">
        <h2 id={id}>
          {title}
          {count !== undefined && count > 0 && <span className="count">{formatCount(count)}</span>}
        </h2>
        <div className="panel-actions">{actions}</div>
      </header>
      {children}
    </section>
  );
}
