// biome-ignore-all lint/a11y/useSemanticElements: rows of a list that keys move through are a grid and no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus goes to what is in the cells.

import { ArrowDown, ArrowUp, Merge, Pencil, Trash2 } from "lucide-react";
import { giveClass, giveCommands } from "../actions/class-commands.js";
import { shortcutOf } from "../actions/keymap.js";
import { ariaShortcut } from "../actions/shortcut.js";
import {
  classOf,
  cleanClassName,
  findClass,
  MAX_CLASS_NAME,
  mergeClass,
  moveClass,
  type ObjectClass,
  recolourClass,
  removeClass,
  renameClass,
} from "../state/classes.js";
import { classList } from "../state/selectors.js";
import type { Studio } from "../studio.js";
import { formatCount, formatNumberOf } from "../text.js";
import { ColourPicker } from "./colour-picker.js";
import { NameField } from "./name-field.js";
import { IS_MAC } from "./platform.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { IconButton } from "./ui/icon-button.js";
import { Keys } from "./ui/keys.js";
import { Popover } from "./ui/popover.js";

export interface ClassRowProps {
  readonly objectClass: ObjectClass;
  /** From 0. */
  readonly index: number;
  /** Objects of the open image that have it. */
  readonly count: number;
  /** Whether new objects get it. */
  readonly isNext: boolean;
  readonly isTabStop: boolean;
  readonly isRenaming: boolean;
  /** Whether it is a class of a project, which is changed on the project's page. */
  readonly isFixed: boolean;
  /** @param id null: no more */
  readonly onRename: (id: string | null) => void;
}

/** One class. A press of its name gives it to what is selected. */
export function ClassRow(props: ClassRowProps) {
  const { objectClass, index, count, isNext, isTabStop, isRenaming, isFixed, onRename } = props;
  const studio = useStudio();
  const { id, name, colour } = objectClass;
  const command = giveCommands[index];
  const shortcut = useStudioState(({ preferences }) => command && shortcutOf(command, preferences.keymap));

  function rename(text: string): void {
    const other = findClass(classList(studio.getState()), text);
    if (other && other.id !== id)
      studio.notify("warning", `There is another class “${other.name}”. Merge this one into it instead.`);
    else studio.editClasses("Rename class", (classes) => renameClass(classes, id, cleanClassName(text)));
  }

  return (
    <div className="class-row" role="row" aria-selected={isNext} data-class={id}>
      <div role="gridcell">
        <ColourPicker
          label={`Colour of class ${name}`}
          value={colour}
          disabled={isFixed}
          onChange={(to) => studio.editClasses("Change colour", (classes) => recolourClass(classes, id, to))}
        />
      </div>
      <div role="gridcell" className="object-name">
        {isRenaming ? (
          <NameField name={name} maxLength={MAX_CLASS_NAME} onDone={() => onRename(null)} onName={rename} />
        ) : (
          <button
            type="button"
            className="row-control row-name class-name"
            tabIndex={isTabStop ? 0 : -1}
            aria-keyshortcuts={shortcut ? ariaShortcut(shortcut, IS_MAC) : undefined}
            onClick={() => giveClass(studio, id)}
            onDoubleClick={() => !isFixed && onRename(id)}
            title={name}
          >
            {shortcut && <Keys shortcut={shortcut} />}
            <span className="row-title">{name}</span>
            <span className="row-area">
              {formatCount(count)}
              <span className="visually-hidden"> in this image</span>
            </span>
          </button>
        )}
      </div>
      {!isFixed && <ClassButtons objectClass={objectClass} onRename={onRename} />}
    </div>
  );
}

function ClassButtons({
  objectClass: { id, name },
  onRename,
}: Pick<ClassRowProps, "objectClass" | "onRename">) {
  const studio = useStudio();
  const common = { tabIndex: -1, className: "row-control row-rare" } as const;
  const move = (step: 1 | -1) => studio.editClasses("Move class", (classes) => moveClass(classes, id, step));
  return (
    <div role="gridcell" className="row-buttons">
      <IconButton {...common} icon={Pencil} label={`Rename ${name}`} onClick={() => onRename(id)} />
      <IconButton {...common} icon={ArrowUp} label={`Move ${name} up`} onClick={() => move(-1)} />
      <IconButton {...common} icon={ArrowDown} label={`Move ${name} down`} onClick={() => move(1)} />
      <Popover
        label={`Merge ${name} into`}
        buttonClassName="button button-quiet button-icon row-control row-rare"
        tabIndex={-1}
        button={<Merge aria-hidden="true" />}
      >
        {(close) => <MergeChoice id={id} name={name} onDone={close} />}
      </Popover>
      <IconButton
        {...common}
        icon={Trash2}
        label={`Delete class ${name}`}
        onClick={() => removeWithNotice(studio, id)}
      />
    </div>
  );
}

/** The other classes: objects get the one that is pressed. */
function MergeChoice({
  id,
  name,
  onDone,
}: Pick<ObjectClass, "id" | "name"> & { readonly onDone: () => void }) {
  const studio = useStudio();
  const others = useStudioState(classList).filter((each) => each.id !== id);
  return (
    <div className="merge-choice">
      <p>{others.length > 0 ? `Give all objects of “${name}” the class` : "There is no other class."}</p>
      {others.map((each) => (
        <button
          key={each.id}
          type="button"
          className="button button-quiet"
          title={each.name}
          onClick={() => {
            onDone();
            studio.editClasses("Merge classes", (classes) => mergeClass(classes, id, each.id));
          }}
        >
          {each.name}
        </button>
      ))}
    </div>
  );
}

/** Deletes a class, and says of how many objects it was: undo gives it back to them. */
export function removeWithNotice(studio: Studio, id: string): void {
  const state = studio.getState();
  const found = classOf(classList(state), id);
  if (!found) return;
  const count = state.images.reduce((sum, { history }) => {
    const has = history.present.objects.filter(({ classId }) => classOf(classList(state), classId) === found);
    return sum + has.length;
  }, 0);
  studio.editClasses("Delete class", (classes) => removeClass(classes, found.id));
  if (count > 0)
    studio.notify(
      "info",
      `${formatNumberOf(count, "object")} of “${found.name}” without a class now; undo takes it back.`,
    );
}
