import { describe, expect, it, vi } from "vitest";
import { createStudioStore } from "../state/create-store.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { loadPreferences, watchPreferences } from "./preferences.js";

const storageOf = (saved: string | null) => ({ getItem: () => saved, setItem: vi.fn() });

describe("preferences", () => {
  it("are as they were saved", () => {
    const saved = {
      theme: "dark",
      mode: "browser",
      keymap: { "tool.box": "C", "tool.pan": null },
      multimask: false,
      commitsClicks: true,
      showsBoxes: true,
      brushSizePx: 7,
      maskOpacity: 1,
    };
    expect(loadPreferences(storageOf(JSON.stringify(saved)))).toEqual(saved);
  });

  it.each([null, "", "{", "7", "null", '"dark"', "[]"])(
    "are the usual ones when what is saved is %j",
    (saved) => {
      expect(loadPreferences(storageOf(saved))).toEqual(DEFAULT_PREFERENCES);
    },
  );

  it("are the usual ones one by one where a value is of another version", () => {
    const saved = {
      theme: "sepia",
      mode: "moon",
      keymap: { "tool.box": 7, "tool.pan": "Q" },
      multimask: "yes",
      commitsClicks: 1,
      brushSizePx: 0,
      maskOpacity: 1.5,
    };
    expect(loadPreferences(storageOf(JSON.stringify(saved)))).toEqual({
      ...DEFAULT_PREFERENCES,
      keymap: { "tool.pan": "Q" },
    });
  });

  it("are the usual ones where storage is forbidden", () => {
    const forbidden = {
      getItem: () => {
        throw new DOMException("no", "SecurityError");
      },
      setItem: () => undefined,
    };
    expect(loadPreferences(forbidden)).toEqual(DEFAULT_PREFERENCES);
  });

  it("are saved when they change, and only then; a full storage is no matter", () => {
    const storage = storageOf(null);
    const store = createStudioStore(DEFAULT_PREFERENCES);
    const stop = watchPreferences(store, storage);
    store.set(() => ({ tool: "box" }));
    expect(storage.setItem).not.toHaveBeenCalled();
    store.set(({ preferences }) => ({ preferences: { ...preferences, theme: "dark" } }));
    expect(JSON.parse(storage.setItem.mock.lastCall![1])).toEqual({ ...DEFAULT_PREFERENCES, theme: "dark" });
    storage.setItem.mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    store.set(({ preferences }) => ({ preferences: { ...preferences, theme: "light" } }));
    stop();
    store.set(({ preferences }) => ({ preferences: { ...preferences, theme: "system" } }));
    expect(storage.setItem).toHaveBeenCalledTimes(2);
  });
});
