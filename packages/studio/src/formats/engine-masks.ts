/** Masks of the data engine as the document that the studio reads and writes, and back. */

import { areaOfRuns, boxOfRuns, rleToRuns } from "@segany/masks";
import type { KeptMasks, KeptMasksFrame } from "@segany/server/contract";
import type { EngineAnnotation, EngineChange } from "../api/engine.js";
import type { ObjectSource } from "../state/document.js";
import { safeFileName } from "./to-record.js";

/** Where in an object's attributes the studio keeps what the data engine has no field for. */
const OWN = "studio";

type Annotation = KeptMasks["annotations"][number];
type PutChange = Extract<EngineChange, { kind: "put" }>;

/** What is stored of an object; two of the same content are the same object, whoever wrote them. */
export type ObjectContent = Pick<PutChange, "mask" | "className" | "attributes"> & {
  /** Of a mask that the machine made. The server sees to it by itself that it goes with the mask. */
  readonly confidence?: number | undefined;
};

/** The class of an object by name, and back. */
export interface ClassNames {
  readonly idOf: (name: string) => string | null;
  readonly nameOf: (id: string) => string | null;
}

/** An image as a document names it. */
export interface NamedImage {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** @param objects content by UUID, in their order */
export function toKeptMasks(
  { name, width, height }: NamedImage,
  objects: ReadonlyMap<string, ObjectContent>,
  classes: ClassNames,
): KeptMasksFrame {
  const annotations = [...objects].map(([uuid, { mask, className, attributes, confidence }], i) => {
    const runs = rleToRuns(mask);
    const classId = className ? classes.idOf(className) : null;
    return {
      ...(attributes?.[OWN] as object | undefined),
      ...{ id: i + 1, segmentation: mask, area: areaOfRuns(runs), bbox: [...boxOfRuns(runs)], uuid },
      ...(classId !== null && { class_id: classId }),
      ...(confidence !== undefined && { model_confidence: confidence }),
    };
  });
  return { image: { image_id: 1, file_name: safeFileName(name), width, height }, annotations };
}

/**
 * @param stored what is there, by UUID: attributes that are not the studio's stay
 * @returns content by UUID
 */
export function contentsOf(
  { annotations }: KeptMasks,
  stored: ReadonlyMap<string, ObjectContent>,
  classes: ClassNames,
): ReadonlyMap<string, ObjectContent> {
  return new Map(annotations.map((annotation) => [String(annotation.uuid), contentOf(annotation)]));

  function contentOf(annotation: Annotation): ObjectContent {
    const { id: _, segmentation, area: _area, bbox: _bbox, uuid, class_id, ...kept } = annotation;
    const { model_confidence: confidence, ...own } = kept as typeof kept & { model_confidence?: unknown };
    const { [OWN]: _own, ...others } = stored.get(String(uuid))?.attributes ?? {};
    return {
      mask: segmentation as ObjectContent["mask"],
      className: typeof class_id === "string" ? classes.nameOf(class_id) : null,
      attributes: { ...others, [OWN]: own },
      ...(typeof confidence === "number" && { confidence }),
    };
  }
}

type EngineSource = PutChange["provenance"]["source"];

const SOURCES: Readonly<Record<ObjectSource, EngineSource>> = {
  prompt: "semi-automatic",
  everything: "automatic",
  text: "automatic",
  brush: "manual",
  import: "imported",
};

/** An object that the studio has not written gets what the studio would write of it. */
export function contentOfAnnotation(
  { mask, className, attributes, source, confidence: found }: EngineAnnotation,
  index: number,
): ObjectContent {
  const confidence = found === null ? {} : { confidence: found };
  if (attributes[OWN] !== undefined) return { mask, className, attributes, ...confidence };
  const own = Object.entries(SOURCES).find(([, name]) => name === source)?.[0] ?? "import";
  const made = { name: `Object ${index + 1}`, colour: index, source: own, prompt: { points: [], box: null } };
  return { mask, className, attributes: { ...attributes, [OWN]: made }, ...confidence };
}

/** Where a mask comes from, in the data engine's words. */
export function sourceOf({ attributes }: ObjectContent): EngineSource {
  const { source } = (attributes?.[OWN] ?? {}) as { readonly source?: unknown };
  return SOURCES[source as ObjectSource] ?? "manual";
}
