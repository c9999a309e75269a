/** The classes that objects can have: one ordered list for all images. Pure. */

import { v4 as createUuid } from "uuid";

/** A class of objects. */
export interface ObjectClass {
  /** A UUID, which it keeps for life: objects name their class by it, whatever it is called. */
  readonly id: string;
  /** No other class of the list has it. */
  readonly name: string;
  /** Place in the palette of `canvas/colours.ts`. */
  readonly colour: number;
  /** Ids of classes that were merged into this one: there are objects that have these. */
  readonly mergedIds: readonly string[];
}

/** In the order of their keys, and of the numbers that they get in files. */
export type ClassList = readonly ObjectClass[];

/** Most classes of a list: files of others may have any number. */
export const MAX_CLASSES = 10_000;

/** Longest name of a class. */
export const MAX_CLASS_NAME = 200;

const indexes = new WeakMap<ClassList, ReadonlyMap<string, ObjectClass>>();

/** The class that an object has; null for none, also where its class was deleted. */
export function classOf(classes: ClassList, classId: string | null): ObjectClass | null {
  if (classId === null) return null;
  let index = indexes.get(classes);
  if (!index) {
    // The classes' own ids last: they count more than those of merged ones.
    const merged = classes.flatMap((each) => each.mergedIds.map((id) => [id, each] as const));
    index = new Map([...merged, ...classes.map((each) => [each.id, each] as const)]);
    indexes.set(classes, index);
  }
  return index.get(classId) ?? null;
}

/** A name as the list has it: one line, without blanks around it. */
export function cleanClassName(name: string): string {
  return name.normalize("NFC").replace(/\s+/g, " ").trim().slice(0, MAX_CLASS_NAME).trimEnd();
}

/** @param name as given, not cleaned yet */
export function findClass(classes: ClassList, name: string): ObjectClass | null {
  const wanted = cleanClassName(name);
  return classes.find((each) => each.name === wanted) ?? null;
}

/** Adds those that the list lacks, at its end, each with the first colour that no other class has. */
export function addClasses(classes: ClassList, names: readonly string[]): ClassList {
  const list = [...classes];
  const known = new Set(classes.map(({ name }) => name));
  const colours = new Set(classes.map(({ colour }) => colour));
  let colour = 0;
  for (const name of names.map(cleanClassName)) {
    if (name === "" || known.has(name) || list.length >= MAX_CLASSES) continue;
    while (colours.has(colour)) colour++;
    known.add(name);
    list.push({ id: createUuid(), name, colour, mergedIds: [] });
    colour++;
  }
  return list.length === classes.length ? classes : list;
}

/** The same list for an empty name, and for one that another class has. */
export function renameClass(classes: ClassList, id: string, name: string): ClassList {
  const clean = cleanClassName(name);
  if (clean === "" || classes.some((each) => each.name === clean)) return classes;
  return classes.map((each) => (each.id === id ? { ...each, name: clean } : each));
}

export function recolourClass(classes: ClassList, id: string, colour: number): ClassList {
  return classes.map((each) => (each.id === id ? { ...each, colour } : each));
}

/** One place up (-1) or down (1); the same list at its ends. */
export function moveClass(classes: ClassList, id: string, step: 1 | -1): ClassList {
  const from = classes.findIndex((each) => each.id === id);
  const to = from + step;
  if (from < 0 || to < 0 || to >= classes.length) return classes;
  const list = [...classes];
  [list[from], list[to]] = [list[to]!, list[from]!];
  return list;
}

/** Objects of the first class have the second from now on. */
export function mergeClass(classes: ClassList, id: string, intoId: string): ClassList {
  const from = classes.find((each) => each.id === id);
  if (!from || id === intoId || !classes.some((each) => each.id === intoId)) return classes;
  return classes
    .filter((each) => each !== from)
    .map((each) =>
      each.id === intoId ? { ...each, mergedIds: [...each.mergedIds, id, ...from.mergedIds] } : each,
    );
}

/** Its objects have no class from now on. */
export function removeClass(classes: ClassList, id: string): ClassList {
  return classes.filter((each) => each.id !== id);
}
