/**
 * What the stage shows, taken from the studio's state; parts keep their identity for as long as they don't
 * change.
 */

import type { ExclusiveBoxXyxy, MaskRuns } from "@segany/masks";
import type { Rgb } from "@segany/sam";
import type { Document, Draft, MaskObject, MaskShape, PromptPoint } from "../state/document.js";
import { draftShape } from "../state/draft-queries.js";
import { foundMasks } from "../state/found-masks.js";
import { classOfObject } from "../state/selectors.js";
import type { FoundMask, StudioState } from "../state/types.js";
import { objectColour } from "./colours.js";
import type { Pointing } from "./pointing.js";
import type { LayerContent, LayerShape } from "./shape-layer.js";

/** What moves with the pointer and the model's answers. */
export interface OverlayScene {
  /** The draft's mask; while a new answer is waited for, the one before. */
  readonly draft: MaskShape | null;
  readonly points: readonly PromptPoint[];
  readonly boxXyxy: ExclusiveBoxXyxy | null;
  /** For the alternatives' cards. */
  readonly asked: Draft;
  /** The mask that a click would make. */
  readonly preview: MaskShape | null;
  /** An object or found mask that the cursor is on, or that is selected in the list. */
  readonly lit: readonly LayerShape[];
  /** Masks whose boxes are drawn. */
  readonly boxes: readonly LayerShape[];
  /** Of the draft's tint, 0 to 1. */
  readonly opacity: number;
  /** The brush's, pixels of the image; null unless a brush is in hand. */
  readonly brush: { readonly diameterPx: number; readonly mode: "add" | "erase" } | null;
}

/** Makes scenes of one stage, one after the other. */
export interface SceneMaker {
  layer(state: StudioState, document: Document): LayerContent;
  overlay(state: StudioState, document: Document, pointing: Pointing): OverlayScene;
}

export function createSceneMaker(): SceneMaker {
  let layer: { readonly key: readonly unknown[]; readonly content: LayerContent } | null = null;

  return {
    layer(state, document) {
      const key = [
        document.objects,
        document.draft.objectId,
        shownFoundMasks(state),
        state.preferences.maskOpacity,
        state.classes.present,
      ];
      if (!layer || key.some((part, i) => part !== layer!.key[i])) {
        const opacity = state.preferences.maskOpacity;
        layer = { key, content: { shapes: layerShapes(state, document), opacity } };
      }
      return layer.content;
    },
    overlay(state, document, pointing) {
      const { draft } = document;
      return {
        draft: pointing.doing.kind === "stroke" ? pointing.doing.shape : draftShape(draft),
        ...livePrompts(draft, pointing),
        asked: draft,
        preview: showsPreview(state, pointing) ? (state.hover?.preview ?? null) : null,
        lit: litShapes(state, document),
        boxes: state.preferences.showsBoxes ? layerShapes(state, document) : [],
        opacity: state.preferences.maskOpacity,
        brush: brushOf(state),
      };
    },
  };
}

/** The masks of everything mode, while that is what the user is at. */
export function shownFoundMasks(state: StudioState): readonly FoundMask[] {
  return state.tool === "everything" ? foundMasks(state) : NONE_FOUND;
}

const NONE_FOUND: readonly FoundMask[] = [];

function layerShapes(state: StudioState, { objects, draft }: Document): LayerShape[] {
  const kept = objects
    .filter(({ id, visible }) => visible && id !== draft.objectId)
    .map((object) => shapeOfObject(object, state));
  return [...shownFoundMasks(state).map(shapeOfFound), ...kept];
}

/** The shape last made of a mask: as long as nothing of it that is drawn changes it is the same object. */
const shapes = new WeakMap<MaskRuns, LayerShape>();

function layerShape({ segmentation, boxXywh }: MaskShape, colour: Rgb): LayerShape {
  const known = shapes.get(segmentation);
  if (known?.colour === colour) return known;
  const shape = { segmentation, boxXywh, colour };
  shapes.set(segmentation, shape);
  return shape;
}

/** In the colour of its class, where it has one. */
function shapeOfObject(object: MaskObject, state: StudioState): LayerShape {
  return layerShape(object, objectColour((classOfObject(state, object) ?? object).colour));
}

function shapeOfFound(mask: FoundMask, index: number): LayerShape {
  return layerShape(mask, objectColour(index));
}

/** Points and box, the dragged one where the pointer has it. */
function livePrompts(draft: Draft, { doing }: Pointing): Pick<OverlayScene, "points" | "boxXyxy"> {
  return {
    points:
      doing.kind === "point"
        ? draft.points.map((point) => (point.id === doing.pointId ? { ...point, at: doing.at } : point))
        : draft.points,
    boxXyxy: doing.kind === "box" ? doing.boxXyxy : draft.boxXyxy,
  };
}

function showsPreview({ tool }: StudioState, { doing }: Pointing): boolean {
  return doing.kind === "nothing" && (tool === "click" || tool === "box");
}

function litShapes(state: StudioState, { objects, draft }: Document): LayerShape[] {
  const found = state.hover?.foundIndex ?? null;
  const hovered = found === null ? undefined : shownFoundMasks(state)[found];
  const ids = new Set([...state.selectedIds, state.hover?.objectId]);
  const lit = objects.filter(({ id, visible }) => visible && id !== draft.objectId && ids.has(id));
  return [
    ...lit.map((object) => shapeOfObject(object, state)),
    ...(hovered ? [shapeOfFound(hovered, found!)] : []),
  ];
}

function brushOf({ tool, preferences }: StudioState): OverlayScene["brush"] {
  if (tool !== "brush" && tool !== "eraser") return null;
  return { diameterPx: preferences.brushSizePx, mode: tool === "brush" ? "add" : "erase" };
}
