import { expect, test } from "vitest";
import type { Command } from "./command.js";
import { commandsFor, conflictsOf, refusalOf, remap, shortcutOf } from "./keymap.js";
import { COMMANDS } from "./registry.js";
import { parseShortcut } from "./shortcut.js";

const command = (id: string, shortcut?: string): Command => ({
  id,
  name: id,
  group: "View",
  ...(shortcut === undefined ? {} : { shortcut }),
  enabled: () => true,
  perform: () => undefined,
});

const cut = command("cut", "X");
const keep = command("keep", "Enter");
const bare = command("bare");
const all = [cut, keep, bare];

test("a command has its own shortcut until the user has given it another, or none", () => {
  expect(shortcutOf(cut, {})).toBe("X");
  expect(shortcutOf(cut, { cut: "Mod+J" })).toBe("Mod+J");
  expect(shortcutOf(cut, { cut: null })).toBeNull();
  expect(shortcutOf(bare, {})).toBeNull();
});

test("a shortcut leads to the commands that have it now", () => {
  expect(commandsFor("X", all, {})).toEqual([cut]);
  expect(commandsFor("X", all, { cut: "J", bare: "x" })).toEqual([bare]);
});

test("commands on one key are in conflict, both of them", () => {
  const keymap = { keep: "X" };
  expect(conflictsOf(cut, all, keymap)).toEqual([keep]);
  expect(conflictsOf(keep, all, keymap)).toEqual([cut]);
  expect(conflictsOf(bare, all, keymap)).toEqual([]);
});

test("going back to the own shortcut leaves no trace", () => {
  const changed = remap({ other: "Q" }, cut, "J");
  expect(changed).toEqual({ other: "Q", cut: "J" });
  expect(remap(changed, cut, "X")).toEqual({ other: "Q" });
  expect(remap({}, bare, null)).toEqual({});
});

test("keys that browsers keep, and Tab, are refused", () => {
  expect(refusalOf("Mod+W")).toContain("browser");
  expect(refusalOf("Tab")).toContain("Tab");
  expect(refusalOf("Mod+J")).toBeNull();
});

test("every command has a name of its own and a shortcut that can be read, and none of them are in conflict", () => {
  expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
  for (const each of COMMANDS) {
    if (each.shortcut !== undefined) {
      expect(parseShortcut(each.shortcut), each.id).not.toBeNull();
      expect(refusalOf(each.shortcut), each.id).toBeNull();
    }
    expect(conflictsOf(each, COMMANDS, {}), each.id).toEqual([]);
  }
});
