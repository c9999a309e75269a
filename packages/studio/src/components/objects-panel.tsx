// biome-ignore-all lint/a11y/useSemanticElements: rows of a list that keys move through are a grid and no table.

import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useEffect,
  useMemo,
  useRef,
} from "react";
import { cutOutAll } from "../actions/cut-out-commands.js";
import { toggleAllVisible } from "../actions/object-commands.js";
import { classOf } from "../state/classes.js";
import type { MaskObject } from "../state/document.js";
import { haveConfidence, listedObjects } from "../state/listed-objects.js";
import { type SelectHow, select } from "../state/select.js";
import { classList, openDocument } from "../state/selectors.js";
import { formatCount, formatNumberOf } from "../text.js";
import { ConfidenceFilter } from "./confidence.js";
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
        <ListedObjects objects={objects} />
      )}
    </Panel>
  );
}

function ListedObjects({ objects }: { readonly objects: readonly MaskObject[] }) {
  const list = useStudioState((state) => state.objectList);
  const listed = useMemo(() => listedObjects(objects, list), [objects, list]);
  return (
    <>
      {haveConfidence(objects) && <ConfidenceFilter />}
      {listed.length < objects.length && (
        <p className="panel-empty" aria-live="polite">
          {formatCount(listed.length)} of {formatNumberOf(objects.length, "object")}
        </p>
      )}
      <ObjectGrid objects={listed} />
    </>
  );
}

function ObjectGrid({ objects }: { readonly objects: readonly MaskObject[] }) {
  const ref = useRef<HTMLDivElement>(null);
  const selectedIds = useStudioState((state) => state.selectedIds);
  const classes = useStudioState(classList);
  const renamingId = useStudioState((state) => state.renamingObjectId);
  const hoveredId = useStudioState((state) => state.hover?.objectId ?? null);
  const editedId = useStudioState((state) => openDocument(state).draft.objectId);
  const selectedId = selectedIds.at(-1);
  const isSelected = new Set(selectedIds);
  const tabStopId = objects.some(({ id }) => id === selectedId) ? selectedId : objects[0]?.id;
  const onPress = useSelection();

  useEffect(() => {
    if (selectedId === undefined) return;
    ref.current?.querySelector(`[data-object="${selectedId}"]`)?.scrollIntoView({ block: "nearest" });
  }, [selectedId]);

  return (
    <div
      ref={ref}
      className="object-list"
      role="grid"
      aria-label="Objects"
      aria-rowcount={objects.length}
      aria-multiselectable="true"
      tabIndex={-1}
      {...onPress}
    >
      {objects.map((object) => (
        <ObjectRow
          key={object.id}
          object={object}
          objectClass={classOf(classes, object.classId)}
          isSelected={isSelected.has(object.id)}
          isTabStop={object.id === tabStopId}
          isHovered={object.id === hoveredId}
          isEdited={object.id === editedId}
          isRenaming={object.id === renamingId}
        />
      ))}
    </div>
  );
}

/**
 * What has the focus is selected: alone, or with Shift together with all rows between, and with Control as
 * one more or one less.
 */
function useSelection() {
  const studio = useStudio();
  const how = useRef<SelectHow>("only");
  const selectRow = (target: Element, by: SelectHow) => {
    const id = target.closest<HTMLElement>("[data-object]")?.dataset.object;
    if (id !== undefined) studio.set((state) => select(state, id, by));
  };
  return {
    onFocus({ target }: FocusEvent): void {
      if (how.current !== "toggle") selectRow(target, how.current);
    },
    onPointerDown({ shiftKey, ctrlKey, metaKey }: PointerEvent): void {
      how.current = ctrlKey || metaKey ? "toggle" : shiftKey ? "range" : "only";
    },
    onClick({ target }: MouseEvent): void {
      const isName = (target as Element).closest(".row-name") !== null;
      // A key that presses a button makes a click, too, but has told how by itself.
      if (isName || how.current === "toggle") selectRow(target as Element, how.current);
      how.current = "only";
    },
    onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
      const { currentTarget, target, key, shiftKey, ctrlKey, metaKey } = event;
      how.current = shiftKey ? "range" : "only";
      if (moveInGrid(currentTarget, target as HTMLElement, key)) event.preventDefault();
      how.current = key === " " && (ctrlKey || metaKey) ? "toggle" : "only";
    },
  };
}
