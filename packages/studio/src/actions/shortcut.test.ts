import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatShortcut,
  type KeyPress,
  keyLabels,
  parseShortcut,
  shortcutOfKeys,
  shortcutOfPlace,
} from "./shortcut.js";

const NOTHING_HELD = { code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const press = (part: Partial<KeyPress> & { key: string }): KeyPress => ({ ...NOTHING_HELD, ...part });

test.each([
  ["Mod+Shift+Z", { mod: true, alt: false, shift: true, key: "Z" }],
  ["z", { mod: false, alt: false, shift: false, key: "Z" }],
  ["+", { mod: false, alt: false, shift: false, key: "+" }],
  ["Mod++", { mod: true, alt: false, shift: false, key: "+" }],
  ["Shift+?", { mod: false, alt: false, shift: false, key: "?" }],
  ["Alt+ArrowLeft", { mod: false, alt: true, shift: false, key: "ArrowLeft" }],
])("reads %s", (text, shortcut) => {
  expect(parseShortcut(text)).toEqual(shortcut);
});

test.each(["", "Mod+", "Mod", "Ctrl+Z", "Shift+Shift+Z", "Mod+Shift"])(
  "%j is no shortcut, or a key by itself",
  (text) => {
    const parsed = parseShortcut(text);
    expect(parsed === null || (text === "Mod" && parsed.key === "Mod")).toBe(true);
  },
);

test("what is written reads back the same, and the order of modifiers does not matter", () => {
  const key = fc.constantFrom("A", "z", "?", "+", "1", "Escape", "ArrowUp", "Space", "F2", "ö");
  const modifiers = fc.shuffledSubarray(["Mod", "Alt", "Shift"]);
  fc.assert(
    fc.property(key, modifiers, (name, held) => {
      const shortcut = parseShortcut([...held, name].join("+"))!;
      expect(parseShortcut(formatShortcut(shortcut))).toEqual(shortcut);
      expect(parseShortcut([...held].reverse().concat(name).join("+"))).toEqual(shortcut);
    }),
  );
});

test("Mod is Control, and Command on a Mac", () => {
  const control = press({ key: "z", ctrlKey: true });
  const command = press({ key: "z", metaKey: true });
  expect(formatShortcut(shortcutOfKeys(control, false)!)).toBe("Mod+Z");
  expect(formatShortcut(shortcutOfKeys(command, true)!)).toBe("Mod+Z");
});

test("the system's own modifier makes no shortcut", () => {
  expect(shortcutOfKeys(press({ key: "z", metaKey: true }), false)).toBeNull();
  expect(shortcutOfKeys(press({ key: "z", ctrlKey: true }), true)).toBeNull();
});

test("modifiers alone make no shortcut", () => {
  expect(shortcutOfKeys(press({ key: "Shift", shiftKey: true }), false)).toBeNull();
});

test("a sign counts by itself, whether or not a keyboard needs Shift for it", () => {
  expect(formatShortcut(shortcutOfKeys(press({ key: "?", shiftKey: true }), false)!)).toBe("?");
  expect(formatShortcut(shortcutOfKeys(press({ key: "?" }), false)!)).toBe("?");
});

test("on keyboards of other scripts the Latin letter of the key counts", () => {
  expect(shortcutOfKeys(press({ key: "я", code: "KeyZ" }), false)?.key).toBe("Z");
});

test("on a Mac the Option key's own characters don't count", () => {
  expect(formatShortcut(shortcutOfKeys(press({ key: "Ω", code: "KeyZ", altKey: true }), true)!)).toBe(
    "Alt+Z",
  );
});

test.each([
  ["a French 1", { key: "&", code: "Digit1" }, "1"],
  ["a French 2, with its own letter", { key: "é", code: "Digit2" }, "2"],
  ["a German key in the place of [", { key: "ü", code: "BracketLeft" }, "["],
  ["a German key in the place of ]", { key: "+", code: "BracketRight" }, "]"],
  ["with Control", { key: "&", code: "Digit1", ctrlKey: true }, "Mod+1"],
])("the place of a key counts too: %s", (_, part, expected) => {
  expect(formatShortcut(shortcutOfPlace(press(part), false)!)).toBe(expected);
});

test("neither with Shift, which makes other signs, nor for other keys", () => {
  expect(shortcutOfPlace(press({ key: "!", code: "Digit1", shiftKey: true }), false)).toBeNull();
  expect(shortcutOfPlace(press({ key: "a", code: "KeyQ" }), false)).toBeNull();
  expect(shortcutOfPlace(press({ key: "&", code: "Digit1", metaKey: true }), false)).toBeNull();
});

test("AltGr is no Control and no Alt where it makes a sign", () => {
  const altGr = { ctrlKey: true, altKey: true, getModifierState: (name: string) => name === "AltGraph" };
  expect(formatShortcut(shortcutOfKeys(press({ key: "[", code: "Digit8", ...altGr }), false)!)).toBe("[");
});

test("AltGr with a digit's key is the sign that it makes, and no digit", () => {
  const altGr = { ctrlKey: true, altKey: true, getModifierState: (name: string) => name === "AltGraph" };
  expect(shortcutOfPlace(press({ key: "{", code: "Digit7", ...altGr }), false)).toBeNull();
});

test("a bracket is labelled as what is printed in its place", () => {
  const german = new Map([
    ["BracketLeft", "ü"],
    ["BracketRight", "+"],
    ["Digit1", "1"],
  ]);
  expect([keyLabels("[", false, german), keyLabels("Shift+]", false, german)]).toEqual([["Ü"], ["+"]]);
  expect(keyLabels("1", false, german)).toEqual(["1"]);
  expect(keyLabels("[", false)).toEqual(["["]);
});

test("keys are labelled as they are on the keyboard at hand", () => {
  expect(keyLabels("Mod+Shift+Z", false)).toEqual(["Ctrl", "Shift", "Z"]);
  expect(keyLabels("Mod+Shift+Z", true)).toEqual(["⇧", "⌘", "Z"]);
  expect(keyLabels("ArrowLeft", false)).toEqual(["←"]);
});
