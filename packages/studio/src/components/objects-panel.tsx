// biome-ignore-all lint/a11y/useSemanticElements: rows of a list that keys move through are a grid and no table.

import { type FocusEvent, type KeyboardEvent, useEffect, useRef } from "react";
import { cutOutAll } from "../actions/cut-out-commands.js";
import { toggleAllVisible } from "../actions/object-commands.js";
import type { MaskObject } from "../state/document.js";
import { openDocument } from "../state/selectors.js";
import { moveInGrid } from "./grid-keys.js";
import { ObjectRow } from "./object-row.js";
import { Panel } from "./panel.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";

/** The objects that were kept. One stop of the Tab key: arrow keys move through rows and what is in them. */
export function ObjectsPanel() {
  const objects = useStudioState((state) => openDocument(state).objects);
  return (
    <Panel
      name="objects"
      title="Objects"
      count={objects.length}
      actions={
        <>
          <CommandButton command={toggleAllVisible} look="quiet" />
          <CommandButton command={cutOutAll} look="quiet" />
        </>
      }
    >
      {objects.length === 0 ? (
        <p className="panel-empty">Masks that you keep are listed here.</p>
      ) : (
        <ObjectGrid objects={objects} />
      )}
    </Panel>
  );
}

function ObjectGrid({ objects }: { readonly objects: readonly MaskObject[] }) {
  const studio = useStudio();
  const ref = useRef<HTMLDivElement>(null);
  const selectedId = useStudioState((state) => state.selectedObjectId);
  const renamingId = useStudioState((state) => state.renamingObjectId);
  const hoveredId = useStudioState((state) => state.hover?.objectId ?? null);
  const editedId = useStudioState((state) => openDocument(state).draft.objectId);
  const tabStopId = objects.some(({ id }) => id === selectedId) ? selectedId : objects[0]?.id;

  useEffect(() => {
    if (selectedId === null) return;
    ref.current?.querySelector(`[data-object="${selectedId}"]`)?.scrollIntoView({ block: "nearest" });
  }, [selectedId]);

  function onFocus({ target }: FocusEvent): void {
    const id = target.closest<HTMLElement>("[data-object]")?.dataset.object;
    if (id !== undefined) studio.set(() => ({ selectedObjectId: id }));
  }

  return (
    <div
      ref={ref}
      className="object-list"
      role="grid"
      aria-label="Objects"
      aria-rowcount={objects.length}
      tabIndex={-1}
      onFocus={onFocus}
      onKeyDown={(event: KeyboardEvent<HTMLDivElement>) => {
        if (moveInGrid(event.currentTarget, event.target as HTMLElement, event.key)) event.preventDefault();
      }}
    >
      {objects.map((object) => (
        <ObjectRow
          key={object.id}
          object={object}
          isSelected={object.id === selectedId}
          isTabStop={object.id === tabStopId}
          isHovered={object.id === hoveredId}
          isEdited={object.id === editedId}
          isRenaming={object.id === renamingId}
        />
      ))}
    </div>
  );
}
