import { expect, test, vi } from "vitest";
import { createStudioStore } from "../state/create-store.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { Studio } from "../studio.js";
import type { Command } from "./command.js";
import { listenToKeys } from "./keyboard.js";

function setUp(...commands: readonly Partial<Command>[]) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const target = new EventTarget();
  const all = commands.map(
    (part, i): Command => ({
      id: `command-${i}`,
      name: `Command ${i}`,
      group: "View",
      shortcut: "X",
      enabled: () => true,
      perform: vi.fn(),
      ...part,
    }),
  );
  const stop = listenToKeys(store as Studio, target, { commands: all, isMac: false });
  const press = (key: string, held: object = {}) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), {
      key,
      code: "",
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      shiftKey: false,
      repeat: false,
      isComposing: false,
      ...held,
    });
    target.dispatchEvent(event);
    return event;
  };
  return { store, commands: all, press, stop };
}

test("a key performs its command, and the browser does nothing else with it", () => {
  const { commands, press } = setUp({});
  expect(press("x").defaultPrevented).toBe(true);
  expect(commands[0]!.perform).toHaveBeenCalledOnce();
});

test("other keys are left alone", () => {
  const { commands, press } = setUp({});
  expect(press("y").defaultPrevented).toBe(false);
  expect(press("x", { ctrlKey: true }).defaultPrevented).toBe(false);
  expect(commands[0]!.perform).not.toHaveBeenCalled();
});

test("a disabled command does nothing, but keeps its key from the browser", () => {
  const { commands, press } = setUp({ shortcut: "Mod+S", enabled: () => false });
  expect(press("s", { ctrlKey: true }).defaultPrevented).toBe(true);
  expect(commands[0]!.perform).not.toHaveBeenCalled();
});

test("a command that is possible in a moment is done then", async () => {
  let isThere = false;
  const { store, commands, press } = setUp({ enabled: () => isThere, soon: () => true });
  press("x");
  expect(commands[0]!.perform).not.toHaveBeenCalled();
  isThere = true;
  store.set(() => ({ predicting: false }));
  await expect.poll(() => commands[0]!.perform).toHaveBeenCalledOnce();
});

test("of two commands on a key the one that can be done now is done", () => {
  const { commands, press } = setUp({ enabled: () => false }, {});
  press("x");
  expect(commands[0]!.perform).not.toHaveBeenCalled();
  expect(commands[1]!.perform).toHaveBeenCalledOnce();
});

test("a key that is held down repeats only what is meant to be repeated", () => {
  const { commands, press } = setUp({}, { shortcut: "Y", repeats: true });
  press("x", { repeat: true });
  press("y", { repeat: true });
  expect(commands[0]!.perform).not.toHaveBeenCalled();
  expect(commands[1]!.perform).toHaveBeenCalledOnce();
});

test("the user's keymap counts at once", () => {
  const { store, commands, press } = setUp({});
  store.set(({ preferences }) => ({ preferences: { ...preferences, keymap: { "command-0": "Mod+J" } } }));
  press("x");
  expect(commands[0]!.perform).not.toHaveBeenCalled();
  press("j", { ctrlKey: true });
  expect(commands[0]!.perform).toHaveBeenCalledOnce();
});

test("keys while a character is being composed are the input method's", () => {
  const { commands, press } = setUp({});
  press("x", { isComposing: true });
  expect(commands[0]!.perform).not.toHaveBeenCalled();
});

test("what a command throws is told to the user", async () => {
  const { store, press } = setUp({
    perform: () => Promise.reject(new Error("The disk is full.")),
  });
  press("x");
  await expect.poll(() => store.getState().notices).toHaveLength(1);
  expect(store.getState().notices[0]).toMatchObject({
    kind: "error",
    text: "“Command 0” did not work. The disk is full.",
  });
});

test("what is printed on a key comes before its place, unless it can't be done now", () => {
  const minus = setUp({ shortcut: "-" }, { shortcut: "6" });
  minus.press("-", { code: "Digit6" }); // as on a French keyboard
  expect(minus.commands[0]!.perform).toHaveBeenCalledOnce();
  expect(minus.commands[1]!.perform).not.toHaveBeenCalled();
  const six = setUp({ shortcut: "-", enabled: () => false }, { shortcut: "6" });
  six.press("-", { code: "Digit6" });
  expect(six.commands[1]!.perform).toHaveBeenCalledOnce();
});

test("after the end keys do nothing any more", () => {
  const { commands, press, stop } = setUp({});
  stop();
  press("x");
  expect(commands[0]!.perform).not.toHaveBeenCalled();
});
