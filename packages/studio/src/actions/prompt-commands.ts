/** The question to the model: clicks and a box. */

import { CircleMinus, CirclePlus, Layers, MapPinMinus, SquareX, Zap } from "lucide-react";
import { askLoneClickAgain, removePoint, setBox } from "../state/draft-edits.js";
import { openDocument } from "../state/selectors.js";
import type { Command } from "./command.js";
import { always } from "./conditions.js";

export const addMask: Command = {
  id: "prompt.add",
  name: "Clicks add to the mask",
  group: "Prompt",
  icon: CirclePlus,
  shortcut: "Q",
  checked: ({ pointLabel }) => pointLabel === 1,
  enabled: always,
  perform: (studio) => studio.set(() => ({ tool: "click", pointLabel: 1 })),
};

export const removeArea: Command = {
  id: "prompt.remove",
  name: "Clicks take away from it",
  group: "Prompt",
  icon: CircleMinus,
  shortcut: "W",
  checked: ({ pointLabel }) => pointLabel === 0,
  enabled: always,
  perform: (studio) => studio.set(() => ({ tool: "click", pointLabel: 0 })),
};

export const toggleMultimask: Command = {
  id: "prompt.multimask",
  name: "Offer whole, part and subpart",
  group: "Prompt",
  icon: Layers,
  shortcut: "M",
  checked: ({ preferences }) => preferences.multimask,
  enabled: always,
  perform: (studio) => {
    studio.set(({ preferences }) => ({
      preferences: { ...preferences, multimask: !preferences.multimask },
    }));
    studio.amend(askLoneClickAgain);
  },
};

export const toggleCommit: Command = {
  id: "prompt.commit",
  name: "Keep the mask of a click at once",
  group: "Prompt",
  icon: Zap,
  shortcut: "J",
  checked: ({ preferences }) => preferences.commitsClicks,
  enabled: always,
  perform: (studio) =>
    studio.set(({ preferences }) => ({
      preferences: { ...preferences, commitsClicks: !preferences.commitsClicks },
    })),
};

export const removeLastPoint: Command = {
  id: "prompt.remove-last-point",
  name: "Remove last point",
  group: "Prompt",
  icon: MapPinMinus,
  shortcut: "Backspace",
  enabled: (state) => openDocument(state).draft.points.length > 0,
  perform: (studio) => {
    const last = openDocument(studio.getState()).draft.points.at(-1);
    if (last) studio.edit("Remove point", (document) => removePoint(document, last.id));
  },
};

export const removeBox: Command = {
  id: "prompt.remove-box",
  name: "Remove box",
  group: "Prompt",
  icon: SquareX,
  shortcut: "Shift+Backspace",
  enabled: (state) => openDocument(state).draft.boxXyxy !== null,
  perform: (studio) => studio.edit("Remove box", (document) => setBox(document, null)),
};

export const PROMPT_COMMANDS: readonly Command[] = [
  addMask,
  removeArea,
  toggleMultimask,
  toggleCommit,
  removeLastPoint,
  removeBox,
];
