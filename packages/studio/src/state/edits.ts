/**
 * What the user does to objects and cut-outs. Pure: the document that comes back shares what did not change.
 */

import { v4 as createUuid } from "uuid";
import { createId } from "./create-id.js";
import {
  type CutOut,
  type Document,
  EMPTY_DRAFT,
  type MaskObject,
  type MaskShape,
  type ObjectSource,
} from "./document.js";
import { chosenAlternative, currentShape, isEmptyDraft } from "./draft-queries.js";

/** An object before it has its place in the list. Its UUID is replaced where another object has it. */
export type NewObject = MaskShape &
  Pick<MaskObject, "source"> &
  Partial<Omit<MaskObject, keyof MaskShape | "source" | "visible" | "locked">>;

/** What is kept of the changes that the list can make. */
const KEPT_CHANGES = ["name", "colour", "classId"] as const;

/** What the list of objects can change. */
export type ObjectChanges = Partial<Pick<MaskObject, (typeof KEPT_CHANGES)[number] | "visible" | "locked">>;

/** A mask to be kept in the tray. */
export type NewCutOut = Pick<CutOut, "name" | "shape">;

/**
 * Makes an object of the draft, or puts it in the place of the object that was edited. Nothing without a
 * mask, and nothing while that object is locked, which it may have been since the draft was begun.
 *
 * @param classId of a new object
 */
export function keepDraft(document: Document, classId: string | null = null): Document {
  const { draft } = document;
  const shape = currentShape(draft);
  const edited = document.objects.find(({ id }) => id === draft.objectId);
  if (!shape || edited?.locked) return document;
  const made = {
    ...onlyShape(shape),
    source: sourceOfDraft(document),
    predictedIou: chosenAlternative(draft)?.predictedIou ?? null,
    stabilityScore: null,
    points: draft.points,
    boxXyxy: draft.boxXyxy,
  };
  const cleared = { ...document, draft: EMPTY_DRAFT };
  if (!edited) return addObjects(cleared, [{ ...made, classId }]);
  const changed = {
    ...withShape(edited, shape),
    ...made,
    ...foreignWithout(edited, ["source", "prompt"]),
  };
  return {
    ...cleared,
    objects: document.objects.map((object) => (object === edited ? changed : object)),
  };
}

/** Starts anew; an object that was being edited stays as it was. */
export function resetDraft(document: Document): Document {
  const { draft } = document;
  return isEmptyDraft(draft) && draft.objectId === null ? document : { ...document, draft: EMPTY_DRAFT };
}

/**
 * Takes an object back into the draft. Its mask stands as if painted, for the clicks alone would not give it
 * again: each was asked with the mask before it.
 */
export function editObject(document: Document, id: string): Document {
  const object = document.objects.find((each) => each.id === id);
  if (!object || object.locked) return document;
  return {
    ...document,
    draft: {
      ...EMPTY_DRAFT,
      objectId: id,
      points: object.points,
      boxXyxy: object.boxXyxy,
      painted: onlyShape(object),
    },
  };
}

/** A locked object is shown, hidden and unlocked; its other changes come too late. */
export function updateObject(document: Document, id: string, changes: ObjectChanges): Document {
  return updateObjects(document, [id], changes);
}

/** The same changes of several objects; the same document where nothing changes. */
export function updateObjects(document: Document, ids: readonly string[], changes: ObjectChanges): Document {
  const kept = KEPT_CHANGES.filter((name) => changes[name] !== undefined);
  const names = Object.keys(changes) as (keyof ObjectChanges)[];
  const isMeant = new Set(ids);
  const objects = document.objects.map((object) => {
    const isRefused = object.locked && kept.length > 0;
    if (!isMeant.has(object.id) || isRefused || names.every((name) => object[name] === changes[name]))
      return object;
    return { ...object, ...changes, ...foreignWithout(object, kept) };
  });
  return objects.some((object, i) => object !== document.objects[i]) ? { ...document, objects } : document;
}

/** Locked objects stay. */
export function removeObjects(document: Document, ids: readonly string[]): Document {
  const objects = document.objects.filter(({ id, locked }) => locked || !ids.includes(id));
  if (objects.length === document.objects.length) return document;
  const { objectId } = document.draft;
  const isEdited = objectId !== null && !objects.some(({ id }) => id === objectId);
  return { ...document, objects, draft: isEdited ? EMPTY_DRAFT : document.draft };
}

/** Names of those without one count on from the objects that are there, and colours follow each other. */
export function addObjects(document: Document, objects: readonly NewObject[]): Document {
  const names = new Set(document.objects.map(({ name }) => name));
  const ids = new Set(document.objects.map(({ id }) => id));
  const firstColour = Math.max(-1, ...document.objects.map(({ colour }) => colour)) + 1;
  const added = objects.map((object, i): MaskObject => {
    const name = object.name ?? freeName(names);
    names.add(name);
    const id = object.id !== undefined && !ids.has(object.id) ? object.id : createUuid();
    ids.add(id);
    return {
      predictedIou: null,
      stabilityScore: null,
      points: [],
      boxXyxy: null,
      classId: null,
      colour: firstColour + i,
      ...object,
      id,
      name,
      visible: true,
      locked: false,
    };
  });
  return { ...document, objects: [...document.objects, ...added] };
}

/** Adds copies of another image's objects: masks, names and classes. */
export function copyObjects(document: Document, objects: readonly MaskObject[]): Document {
  return addObjects(
    document,
    objects.map((object) => ({
      ...onlyShape(object),
      ...{ name: object.name, classId: object.classId, colour: object.colour, source: "import" },
    })),
  );
}

export function addCutOuts(document: Document, cutOuts: readonly NewCutOut[]): Document {
  const added = cutOuts.map(({ name, shape }) => ({
    id: createId("cut-out"),
    name,
    shape: onlyShape(shape),
  }));
  return { ...document, cutOuts: [...document.cutOuts, ...added] };
}

export function removeCutOuts(document: Document, ids: readonly string[]): Document {
  return { ...document, cutOuts: document.cutOuts.filter(({ id }) => !ids.includes(id)) };
}

function freeName(names: ReadonlySet<string>): string {
  let number = names.size + 1;
  while (names.has(`Object ${number}`)) number++;
  return `Object ${number}`;
}

function sourceOfDraft({ draft, objects }: Document): ObjectSource {
  if (!draft.painted) return "prompt";
  const edited = objects.find(({ id }) => id === draft.objectId);
  const untouched = edited?.segmentation === draft.painted.segmentation;
  return untouched ? edited.source : "brush";
}

/** The fields of files that say what a field of an object says. */
const FIELDS_OF: Readonly<Record<string, readonly string[]>> = { classId: ["class", "class_id"] };

/** The foreign values of an object's own fields are gone once the user has changed what these say. */
function foreignWithout({ foreign }: MaskObject, names: readonly string[]): Pick<MaskObject, "foreign"> {
  if (!foreign) return {};
  const fields = names.flatMap((name) => FIELDS_OF[name] ?? name);
  const extra = Object.entries(foreign.extra).filter(([name]) => !fields.includes(name));
  return { foreign: { ...foreign, extra: Object.fromEntries(extra) } };
}

/** The object with another mask, of which the machine has not said how sure it is. */
export function withShape(object: MaskObject, shape: MaskShape): MaskObject {
  if (object.segmentation === shape.segmentation) return object;
  const { confidence: _, ...rest } = object;
  return { ...rest, ...onlyShape(shape) };
}

/** Only the mask, of something that is more than that. */
function onlyShape({ segmentation, areaPx, boxXywh }: MaskShape): MaskShape {
  return { segmentation, areaPx, boxXywh };
}
