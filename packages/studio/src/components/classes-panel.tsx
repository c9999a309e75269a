// biome-ignore-all lint/a11y/useSemanticElements: rows of a list that keys move through are a grid and no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus goes to what is in the cells.

import { Plus } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { giveClass } from "../actions/class-commands.js";
import { addClasses, classOf, cleanClassName, findClass, MAX_CLASS_NAME } from "../state/classes.js";
import type { MaskObject } from "../state/document.js";
import { classList, openDocument } from "../state/selectors.js";
import { ClassRow, removeWithNotice } from "./class-row.js";
import { moveInGrid } from "./grid-keys.js";
import { Panel } from "./panel.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { IconButton } from "./ui/icon-button.js";

/** The classes of objects. One stop of the Tab key, as in the list of objects, and a field for a new one. */
export function ClassesPanel() {
  const isWork = useStudioState(({ work }) => work !== null);
  const classes = useStudioState(classList);
  return (
    <Panel name="classes" title="Classes" count={classes.length}>
      {classes.length > 0 && <ClassGrid />}
      {isWork ? classes.length === 0 && <NoClasses /> : <NewClassField />}
    </Panel>
  );
}

function NoClasses() {
  return <p className="panel-empty">This project has no classes.</p>;
}

function ClassGrid() {
  const studio = useStudio();
  const isFixed = useStudioState(({ work }) => work !== null);
  const ref = useRef<HTMLDivElement>(null);
  const classes = useStudioState(classList);
  const objects = useStudioState((state) => openDocument(state).objects);
  const nextId = useStudioState((state) => classOf(classList(state), state.nextClassId)?.id ?? null);
  const [renamingId, setRenamingId] = useState<string | null>(null);
  const counts = countsOf(objects, (id) => classOf(classes, id)?.id ?? null);

  /** The focus goes to what stands in its place then. */
  function remove(id: string): void {
    const index = classes.findIndex((each) => each.id === id);
    removeWithNotice(studio, id);
    requestAnimationFrame(() => ref.current?.querySelectorAll<HTMLElement>(".row-name")[index]?.focus());
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    const target = event.target as HTMLElement;
    const id = target.closest<HTMLElement>("[data-class]")?.dataset.class;
    const isMeant = !isFixed && !target.matches("input") && id !== undefined;
    if (isMeant && event.key === "F2") setRenamingId(id);
    else if (isMeant && event.key === "Delete") remove(id);
    else if (!moveInGrid(event.currentTarget, target, event.key)) return;
    event.preventDefault();
  }

  return (
    <div
      ref={ref}
      className="class-list"
      role="grid"
      aria-label="Classes"
      aria-rowcount={classes.length + 1}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {classes.map((each, index) => (
        <ClassRow
          key={each.id}
          objectClass={each}
          index={index}
          count={counts.get(each.id) ?? 0}
          isNext={each.id === nextId}
          isTabStop={each.id === (nextId ?? classes[0]!.id)}
          isRenaming={each.id === renamingId}
          isFixed={isFixed}
          onRename={setRenamingId}
        />
      ))}
      <div className="class-row" role="row" aria-selected={nextId === null}>
        <div role="gridcell" className="object-name">
          <button
            type="button"
            className="row-control row-name class-none"
            tabIndex={-1}
            onClick={() => giveClass(studio, null)}
          >
            No class
          </button>
        </div>
      </div>
    </div>
  );
}

function countsOf(
  objects: readonly MaskObject[],
  classIdOf: (id: string | null) => string | null,
): ReadonlyMap<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const { classId } of objects) {
    const id = classIdOf(classId);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function NewClassField() {
  const studio = useStudio();
  const ref = useRef<HTMLInputElement>(null);

  /** One that is there already is only said to be there. */
  function add(): void {
    const name = cleanClassName(ref.current?.value ?? "");
    if (name === "") return;
    if (findClass(classList(studio.getState()), name))
      studio.notify("info", `There is a class “${name}” already.`);
    else studio.editClasses("Add class", (classes) => addClasses(classes, [name]));
    ref.current!.value = "";
  }

  return (
    <form
      className="class-new"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <input
        ref={ref}
        className="name-field"
        aria-label="New class"
        placeholder="New class"
        maxLength={MAX_CLASS_NAME}
        autoComplete="off"
      />
      <IconButton icon={Plus} label="Add class" onClick={add} />
    </form>
  );
}
