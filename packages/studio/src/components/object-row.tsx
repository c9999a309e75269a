// biome-ignore-all lint/a11y/useSemanticElements: rows of a list that keys move through are a grid and no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus goes to what is in the cells.

import { Eye, EyeOff, Lock, LockOpen, Pencil, Trash2 } from "lucide-react";
import { memo } from "react";
import { startEditing, toggle } from "../actions/object-commands.js";
import { type ObjectClass, recolourClass } from "../state/classes.js";
import type { MaskObject } from "../state/document.js";
import { removeObjects, updateObject } from "../state/edits.js";
import { formatCount } from "../text.js";
import { ColourPicker } from "./colour-picker.js";
import { ConfidenceBadge } from "./confidence.js";
import { NameField } from "./name-field.js";
import { useStudio } from "./studio-context.js";
import { IconButton } from "./ui/icon-button.js";

export interface ObjectRowProps {
  readonly object: MaskObject;
  /** null: none. */
  readonly objectClass: ObjectClass | null;
  readonly isSelected: boolean;
  /** Whether Tab leads to this row. */
  readonly isTabStop: boolean;
  readonly isHovered: boolean;
  readonly isEdited: boolean;
  readonly isRenaming: boolean;
}

/** One object. Drawn anew only when it has changed, for there may be hundreds. */
export const ObjectRow = memo(function ObjectRow(props: ObjectRowProps) {
  const { object, objectClass, isSelected, isTabStop, isHovered, isEdited, isRenaming } = props;
  const studio = useStudio();
  const { id, name, visible, locked } = object;
  const rename = () => !locked && studio.set(() => ({ renamingObjectId: id }));
  return (
    <div
      className="object-row"
      role="row"
      aria-selected={isSelected}
      tabIndex={-1}
      data-object={id}
      data-hovered={isHovered || undefined}
      data-edited={isEdited || undefined}
      data-hidden={visible ? undefined : true}
    >
      <div role="gridcell">
        {objectClass ? (
          <ColourPicker
            label={`Colour of class ${objectClass.name}`}
            value={objectClass.colour}
            disabled={locked}
            onChange={(colour) =>
              studio.editClasses("Change colour", (classes) => recolourClass(classes, objectClass.id, colour))
            }
          />
        ) : (
          <ColourPicker
            label={`Colour of ${name}`}
            value={object.colour}
            disabled={locked}
            onChange={(colour) =>
              studio.edit("Change colour", (document) => updateObject(document, id, { colour }))
            }
          />
        )}
      </div>
      <div role="gridcell" className="object-name">
        {isRenaming ? (
          <NameField
            name={name}
            maxLength={120}
            onDone={() => studio.set(() => ({ renamingObjectId: null }))}
            onName={(text) =>
              studio.edit("Rename object", (document) => updateObject(document, id, { name: text }))
            }
          />
        ) : (
          <button
            type="button"
            className="row-control row-name"
            tabIndex={isTabStop ? 0 : -1}
            onDoubleClick={rename}
            title={name}
          >
            <span className="row-title">{name}</span>
            <span className="row-area">
              {objectClass && `${objectClass.name} · `}
              {formatCount(object.areaPx)} px
            </span>
          </button>
        )}
      </div>
      {object.confidence !== undefined && (
        <div role="gridcell">
          <ConfidenceBadge value={object.confidence} />
        </div>
      )}
      <RowButtons object={object} />
    </div>
  );
});

function RowButtons({ object }: { readonly object: MaskObject }) {
  const studio = useStudio();
  const { id, name, visible, locked } = object;
  const common = { tabIndex: -1 } as const;
  return (
    <div role="gridcell" className="row-buttons">
      <IconButton
        {...common}
        className="row-control row-rare"
        icon={Pencil}
        label={`Edit ${name}`}
        disabled={locked}
        onClick={() => startEditing(studio, id)}
      />
      <IconButton
        {...common}
        className="row-control row-rare"
        icon={Trash2}
        label={`Delete ${name}`}
        disabled={locked}
        onClick={() => studio.edit("Delete object", (document) => removeObjects(document, [id]))}
      />
      <IconButton
        {...common}
        className={locked ? "row-control" : "row-control row-rare"}
        icon={locked ? Lock : LockOpen}
        label={`Lock ${name}`}
        aria-pressed={locked}
        onClick={() => toggle(studio, [object], "locked", object)}
      />
      <IconButton
        {...common}
        className="row-control"
        icon={visible ? Eye : EyeOff}
        label={`Show ${name}`}
        aria-pressed={visible}
        onClick={() => toggle(studio, [object], "visible", object)}
      />
    </div>
  );
}
