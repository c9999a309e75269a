import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { RunMode } from "../state/status.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Preferences, Theme } from "../state/types.js";

const KEY = "segany.preferences";

/** What of `localStorage` is used. */
export type PreferenceStorage = Pick<Storage, "getItem" | "setItem">;

const THEMES: readonly Theme[] = ["system", "light", "dark"];
const MODES: readonly RunMode[] = ["server-encodes", "browser", "server"];

/** What was saved, with defaults for what is missing or of an older version. */
export function loadPreferences(storage: PreferenceStorage): Preferences {
  const saved = readObject(storage);
  const oneOf = <T extends string>(value: unknown, values: readonly T[], otherwise: T): T =>
    values.find((each) => each === value) ?? otherwise;
  const within = (value: unknown, from: number, to: number, otherwise: number): number =>
    typeof value === "number" && value >= from && value <= to ? value : otherwise;
  const isOn = (name: "multimask" | "commitsClicks" | "showsBoxes"): boolean => {
    const value = saved[name];
    return typeof value === "boolean" ? value : DEFAULT_PREFERENCES[name];
  };
  const { theme, mode, brushSizePx, maskOpacity } = DEFAULT_PREFERENCES;
  return {
    theme: oneOf(saved.theme, THEMES, theme),
    mode: oneOf(saved.mode, MODES, mode),
    keymap: readKeymap(saved.keymap),
    multimask: isOn("multimask"),
    commitsClicks: isOn("commitsClicks"),
    showsBoxes: isOn("showsBoxes"),
    brushSizePx: within(saved.brushSizePx, 1, 10_000, brushSizePx),
    maskOpacity: within(saved.maskOpacity, 0, 1, maskOpacity),
  };
}

/** Saves preferences when they change. @returns ends it */
export function watchPreferences(store: StudioStore, storage: PreferenceStorage): () => void {
  return store.subscribe(({ preferences }, before) => {
    if (preferences === before.preferences) return;
    try {
      storage.setItem(KEY, JSON.stringify(preferences));
    } catch {
      // Full, or forbidden in a private window: they hold until the page is left.
    }
  });
}

function readObject(storage: PreferenceStorage): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function readKeymap(value: unknown): Preferences["keymap"] {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).filter(([, key]) => key === null || typeof key === "string");
  return Object.fromEntries(entries);
}
