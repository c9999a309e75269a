import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { openShellSite, type Shell, type ShellSite } from "./shell-site.js";

/** Ids of all commands, as the menus show them. */
const COMMAND_IDS = "window.shellPage.commandIds";

describe.skipIf(!findChromium())("everything can be done by keyboard", () => {
  let site: ShellSite;
  let shell: Shell;
  beforeAll(async () => {
    site = await openShellSite();
  });
  afterAll(() => site?.close());
  afterEach(() => shell?.close());

  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await shell.page.keyboard.press(key);
  };
  const focused = () =>
    shell.page.evaluate<string>("document.activeElement.getAttribute('aria-label') ?? ''");

  async function open(): Promise<void> {
    shell = await site.open();
    await shell.openImage();
  }

  it("finds, refines, keeps, names and deletes an object", async () => {
    await open();
    await press("ArrowRight", "ArrowDown", "u");
    await shell.until("document_.draft.alternatives?.length === 3");
    await press("2");
    expect(await shell.look("document_.draft.chosen")).toBe(1);
    await press("ArrowRight", "Shift+U");
    await shell.until("document_.draft.alternatives !== null && document_.draft.points.length === 2");
    await press("Enter");
    expect(await shell.look("document_.objects.length")).toBe(1);
    await press("F2");
    await shell.page.keyboard.type("Pear");
    await press("Enter");
    expect(await shell.look("document_.objects[0].name")).toBe("Pear");
    await press("v", "l", "Delete");
    expect(await shell.look("document_.objects[0].visible")).toBe(false);
    expect(await shell.look("document_.objects[0].locked")).toBe(true);
    await press("l", "Delete");
    expect(await shell.look("document_.objects.length")).toBe(0);
    await press("Control+z", "Control+z");
    expect(await shell.look("document_.objects[0].locked")).toBe(true);
    await press("Control+Shift+z");
    expect(await shell.look("document_.objects[0].locked")).toBe(false);
  });

  it("draws a box from corner to corner", async () => {
    await open();
    await press("b", "ArrowLeft", "u", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "u");
    const [x0, y0, x1, y1] = await shell.look<number[]>("document_.draft.boxXyxy");
    expect(x1! - x0!).toBeGreaterThan(0);
    expect(y1! - y0!).toBeCloseTo(x1! - x0!);
    await shell.until("document_.draft.alternatives !== null");
  });

  it("paints and erases", async () => {
    await open();
    await press("p", "ArrowRight", "u");
    const painted = await shell.look<number>("document_.draft.painted.areaPx");
    await press("]", "]", "ArrowRight", "u");
    expect(await shell.look("document_.draft.painted.areaPx")).toBeGreaterThan(painted);
    await press("e", "u");
    expect(await shell.look("document_.draft.painted?.areaPx ?? 0")).toBeLessThan(painted);
  });

  it("waits for the dialog for files, however long the user looks through folders", async () => {
    await open();
    await shell.page.evaluate(
      "HTMLInputElement.prototype.click = function () { window.asked = new WeakRef(this); }",
    );
    await press("Control+i");
    await shell.page.requestGC();
    expect(await shell.page.evaluate("window.asked.deref()?.type")).toBe("file");
    await shell.page.evaluate("window.asked.deref().dispatchEvent(new Event('cancel'))");
    await shell.page.requestGC();
    expect(await shell.page.evaluate("window.asked.deref()?.type")).toBe(undefined);
  });

  it("finds everything, keeps one mask and all of them, and saves a cut-out", async () => {
    await open();
    await press("Shift+A");
    await shell.until("studio.getState().everything.state === 'done'");
    const [x, y] = await shell.look<[number, number]>("studio.getState().everything.found[0].points[0]");
    await shell.look(
      `studio.set(() => ({ keyCursor: { at: [${x}, ${y - 1}], boxCorner: null } })), studio.hoverAt([${x}, ${y - 1}])`,
    );
    await press("Shift+ArrowDown", "u");
    expect(await shell.look("document_.objects.length")).toBe(1);
    const found = await shell.look<number>("studio.getState().everything.found.length");
    await press("Shift+K");
    expect(await shell.look("document_.objects.length")).toBe(found);
    await press("n", "x");
    const download = shell.page.waitForEvent("download");
    await press("Control+Shift+s");
    expect((await download).suggestedFilename()).toMatch(/\.png$/);
    expect(await shell.look("document_.cutOuts.length")).toBe(1);
  });

  it("reaches every part of the page with Tab, once around", async () => {
    await open();
    await shell.look("window.shellPage.addMadeObjects(500)");
    const seen: string[] = [];
    for (let i = 0; i < 80; i++) {
      await press("Tab");
      const place = await shell.page.evaluate<string>(
        "document.activeElement.closest('.header, .tool-bar, .tool-options, .stage, .status-bar, .panel')?.className.split(' ').at(-1) ?? ''",
      );
      if (place !== seen.at(-1)) seen.push(place);
      if (place === "" && i > 0) break;
    }
    expect(seen).toEqual([
      "header",
      "tool-bar",
      "tool-options",
      "stage",
      "status-bar",
      "panel-classes",
      "panel-objects",
      "panel-tray",
      "panel-gallery",
      "",
    ]);
  });

  it("moves through objects, and what is in their rows, with arrow keys", async () => {
    await open();
    await shell.look("window.shellPage.addMadeObjects(3)");
    await shell.page.locator(".row-name").first().focus();
    await press("ArrowDown", "ArrowDown", "ArrowUp");
    expect(
      await shell.look(
        "document_.objects.findIndex(({ id }) => id === studio.getState().selectedIds.at(-1))",
      ),
    ).toBe(1);
    await press("ArrowLeft");
    expect(await focused()).toBe("Colour of Object 2");
    await press("Enter", "ArrowRight", "Enter");
    expect(await shell.look("document_.objects[1].colour")).toBe(2);
    await press("End");
    await press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight");
    expect(await focused()).toBe("Show Object 3");
    await press("Space");
    expect(await shell.look("document_.objects[2].visible")).toBe(false);
  });

  it("opens menus and their neighbours, and gives the focus back", async () => {
    await open();
    await shell.page.locator('.menu-title[aria-label="Image"]').focus();
    await press("ArrowDown", "ArrowRight", "ArrowRight");
    const menu = () =>
      shell.page.evaluate<string>("document.querySelector('.menu')?.getAttribute('aria-label') ?? ''");
    expect(await menu()).toBe("Tools");
    await press("b", "Enter");
    expect(await shell.look("studio.getState().tool")).toBe("box");
    expect(await menu()).toBe("");
    expect(await focused()).toBe("Tools");
  });

  it("does nothing else while a name is typed or a dialog is open", async () => {
    await open();
    await press("?");
    await press("b");
    expect(await shell.look("studio.getState().tool")).toBe("click");
    await press("Escape");
    expect(await shell.look("studio.getState().openPanel")).toBeNull();
    await press("b");
    expect(await shell.look("studio.getState().tool")).toBe("box");
  });

  it("lists every command on the help sheet, with its key", async () => {
    await open();
    await press("?");
    const listed = await shell.page
      .locator("[data-help]")
      .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-help")));
    expect(listed.toSorted()).toEqual((await shell.look<string[]>(COMMAND_IDS)).toSorted());
    expect(await shell.page.locator('[data-help="mask.keep"] kbd').allTextContents()).toEqual(["Enter"]);
  });

  it("remembers a changed shortcut, shows conflicts and solves them", async () => {
    await open();
    await press("Shift+H");
    const row = shell.page.locator('[data-keymap="tool.box"]');
    await row.locator(".shortcut-field").focus();
    await press("Enter", "c");
    expect(await row.locator(".keymap-message").textContent()).toContain("Hover & click");
    await row.locator(".link").focus();
    await press("Enter");
    expect(await shell.page.locator(".keymap-message").count()).toBe(0);
    await shell.page.reload();
    await shell.page.waitForFunction("window.shellPage !== undefined");
    await press("c");
    expect(await shell.look("studio.getState().tool")).toBe("box");
  });

  it("refuses keys that the browser keeps", async () => {
    await open();
    await press("Shift+H");
    const row = shell.page.locator('[data-keymap="tool.box"]');
    await row.locator(".shortcut-field").focus();
    await press("Enter", "Control+w");
    expect(await row.locator(".keymap-message").textContent()).toContain("browser");
    expect(await shell.look("studio.getState().preferences.keymap")).toEqual({});
  });
});
