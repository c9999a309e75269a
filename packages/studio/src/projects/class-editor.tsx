import { ChevronDown, ChevronUp, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { EngineProject } from "../api/engine.js";
import { IconButton } from "../components/ui/icon-button.js";
import { useAct, useEngine } from "./engine-context.js";

/** A class in the form, with the attributes as they are typed. */
interface Row {
  readonly id: number;
  readonly name: string;
  readonly colour: string;
  readonly attributes: string;
}

/** A new class gets the first of these that none has. */
const COLOURS = ["#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#42d4f4", "#f032e6", "#9a6324"];

export interface ClassEditorProps {
  readonly project: EngineProject;
  readonly onChange: () => void;
}

/** The list of classes: names, colours, attributes and order. Nothing is changed before it is saved. */
export function ClassEditor({ project, onChange }: ClassEditorProps) {
  const { engine } = useEngine();
  const act = useAct();
  const [rows, setRows] = useState(() => rowsOf(project));
  const change = (id: number, part: Partial<Row>) =>
    setRows(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const body = { classes: rows.map(classOf) };
    await act(async () => {
      await engine.updateProject({ params: { project: project.id }, version: project.version, body });
      onChange();
    });
  }

  function add(): void {
    const used = new Set(rows.map(({ colour }) => colour));
    const colour = COLOURS.find((each) => !used.has(each)) ?? COLOURS[rows.length % COLOURS.length]!;
    const id = Math.max(-1, ...rows.map((row) => row.id)) + 1;
    setRows([...rows, { id, name: "", colour, attributes: "" }]);
  }

  return (
    <section className="projects-card" aria-labelledby="classes">
      <h2 id="classes">Classes</h2>
      <p className="muted">
        In the order of the digits 1 to 9. Masks keep the name of their class: a class with another name is
        another one.
      </p>
      <form className="class-editor" onSubmit={(event) => void save(event)}>
        <ol>
          {rows.map((row, index) => (
            <ClassRow
              key={row.id}
              {...{ row, place: index + 1, isFirst: index === 0, isLast: index === rows.length - 1 }}
              onChange={(part) => change(row.id, part)}
              onMove={(step) => setRows(moved(rows, index, step))}
              onRemove={() => setRows(rows.filter(({ id }) => id !== row.id))}
            />
          ))}
        </ol>
        <div className="form-actions">
          <button type="button" className="button button-plain" onClick={add}>
            <Plus aria-hidden="true" /> Add a class
          </button>
          <button type="submit" className="button button-primary">
            Save classes
          </button>
        </div>
      </form>
    </section>
  );
}

interface ClassRowProps {
  readonly row: Row;
  readonly place: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onChange: (part: Partial<Row>) => void;
  readonly onMove: (step: 1 | -1) => void;
  readonly onRemove: () => void;
}

function ClassRow({ row, place, isFirst, isLast, onChange, onMove, onRemove }: ClassRowProps) {
  const of = row.name || `class ${place}`;
  return (
    <li>
      <input
        type="color"
        aria-label={`Colour of ${of}`}
        value={row.colour}
        onChange={({ target }) => onChange({ colour: target.value })}
      />
      <input
        className="name-field"
        aria-label={`Name of class ${place}`}
        value={row.name}
        required
        maxLength={200}
        onChange={({ target }) => onChange({ name: target.value })}
      />
      <input
        className="name-field class-attributes"
        aria-label={`Attributes of ${of}`}
        placeholder="attributes, with commas between"
        value={row.attributes}
        onChange={({ target }) => onChange({ attributes: target.value })}
      />
      <IconButton icon={ChevronUp} label={`Move ${of} up`} disabled={isFirst} onClick={() => onMove(-1)} />
      <IconButton icon={ChevronDown} label={`Move ${of} down`} disabled={isLast} onClick={() => onMove(1)} />
      <IconButton icon={Trash2} label={`Remove ${of}`} onClick={onRemove} />
    </li>
  );
}

function rowsOf({ classes }: EngineProject): readonly Row[] {
  return classes.map(({ name, colour, attributes }, id) => ({
    ...{ id, name, colour, attributes: attributes.join(", ") },
  }));
}

function classOf({ name, colour, attributes }: Row): EngineProject["classes"][number] {
  const list = attributes.split(",").map((each) => each.trim());
  return { name: name.trim(), colour, attributes: list.filter((each) => each !== "") };
}

function moved(rows: readonly Row[], index: number, step: 1 | -1): readonly Row[] {
  const others = rows.filter((_, i) => i !== index);
  return others.toSpliced(index + step, 0, rows[index]!);
}
