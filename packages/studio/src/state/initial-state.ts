import { startHistory } from "./history.js";
import { WHOLE_LIST } from "./listed-objects.js";
import type { Preferences, StudioState } from "./types.js";

export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  mode: "server-encodes",
  keymap: {},
  multimask: true,
  commitsClicks: false,
  showsBoxes: false,
  brushSizePx: 40,
  maskOpacity: 0.45,
};

/** A studio that was just opened. */
export function initialState(preferences: Preferences): StudioState {
  return {
    images: [],
    openImageId: null,
    adding: null,
    sending: null,
    tool: "click",
    pointLabel: 1,
    keyCursor: null,
    view: { scale: 1, offsetX: 0, offsetY: 0 },
    stageSize: { width: 0, height: 0 },
    hover: null,
    everything: { state: "idle" },
    findSettings: { behaviour: "official", pointsPerSide: 32, minMaskRegionArea: 0 },
    focusesWords: false,
    objectList: WHOLE_LIST,
    selectedIds: [],
    renamingObjectId: null,
    classes: startHistory([]),
    nextClassId: null,
    model: { state: "loading", label: "Looking for the server", done: 0, total: null },
    modes: [],
    predicting: false,
    askingAgain: null,
    notices: [],
    questions: [],
    openPanel: null,
    issueAt: null,
    work: null,
    hasProjects: false,
    preferences,
  };
}
