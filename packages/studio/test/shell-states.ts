/** Every state that the studio's page can be seen in, and the way into it. */
import type { Shell } from "./shell-site.js";

type WayIn = (shell: Shell) => Promise<void>;

async function showLoading(shell: Shell, loading: object): Promise<void> {
  await shell.openImage();
  await shell.look(`window.shellPage.showLoading(${JSON.stringify(loading)})`);
}

const set = (shell: Shell, changes: object): Promise<void> =>
  shell.look(`studio.set(() => (${JSON.stringify(changes)}))`);

async function openDraft(shell: Shell): Promise<void> {
  await shell.openImage();
  await shell.page.locator(".stage").click();
  await shell.until("document_.draft.alternatives !== null");
}

async function withObjects(shell: Shell, count: number): Promise<void> {
  await shell.openImage();
  await shell.look(`window.shellPage.addMadeObjects(${count})`);
  await shell.look("studio.set(() => ({ selectedIds: [document_.objects[0].id] }))");
}

/** Three classes, and objects of the first. */
async function withClasses(shell: Shell): Promise<void> {
  await withObjects(shell, 8);
  await showPanel(shell, "Classes");
  for (const name of ["pear", "bottle", "a class with a name that is rather long indeed"]) {
    await shell.page.getByLabel("New class").fill(name);
    await shell.page.keyboard.press("Enter");
  }
  await shell.page.locator(".class-name").first().click();
}

/** Shows one of the panels that share a narrow screen; on others they are there anyway. */
async function showPanel({ page, isTouch }: Shell, name: string): Promise<void> {
  if (isTouch) await page.locator(".panel-tab", { hasText: name }).click();
}

export const SHELL_STATES: Readonly<Record<string, WayIn>> = {
  "no image": async () => undefined,
  "the model on its way": (shell) =>
    set(shell, { model: { state: "loading", label: "Getting the model", done: 12e6, total: 4e7 } }),
  "no model": (shell) => set(shell, { model: { state: "failed", message: "The model is not there." } }),
  "an image being sent": (shell) =>
    showLoading(shell, { phase: "uploading", bytesDone: 1.2e6, bytesTotal: 5.4e6 }),
  "an image in the queue": (shell) => showLoading(shell, { phase: "queued", position: 3 }),
  "an image being encoded": (shell) =>
    showLoading(shell, { phase: "encoding", elapsedMs: 2400, expectedMs: 6100 }),
  "an image that failed, and notices": async (shell) => {
    await showLoading(shell, {
      phase: "failed",
      message: "The image is damaged. Open another copy of it.",
    });
    for (const kind of ["info", "warning", "error"])
      await shell.look(`studio.notify("${kind}", "Something that the user should know of.")`);
  },
  "an image that is ready": (shell) => shell.openImage(),
  "a mask in the making": openDraft,
  "a mask that waits for the server": async (shell) => {
    await openDraft(shell);
    const askingAgain = { reason: "server-busy", atMs: Date.now() + 3_600_000, attempt: 2, attempts: 5 };
    await set(shell, { askingAgain });
  },
  "the brush": async (shell) => {
    await openDraft(shell);
    await set(shell, { tool: "brush" });
  },
  "objects, one being renamed": async (shell) => {
    await withObjects(shell, 8);
    await showPanel(shell, "Objects");
    await shell.look("studio.set(() => ({ renamingObjectId: document_.objects[2].id }))");
  },
  "masks of the machine with its confidence": async (shell) => {
    await withObjects(shell, 8);
    await showPanel(shell, "Objects");
    const confident = "{ ...object, ...(i % 3 > 0 && { confidence: (60 + 5 * i) / 100 }) }";
    await shell.look(
      `studio.edit("Pre-fill", (document) => ({ ...document,
        objects: document.objects.map((object, i) => (${confident})) }))`,
    );
    await set(shell, { objectList: { order: "least-sure", atMost: 0.9 } });
  },
  classes: async (shell) => {
    await withClasses(shell);
    await shell.look("studio.set(() => ({ nextClassId: studio.getState().classes.present[1].id }))");
  },
  "a class being renamed": async (shell) => {
    await withClasses(shell);
    await shell.page.locator(".class-name").first().press("F2");
  },
  "a class to be merged": async (shell) => {
    await withClasses(shell);
    await shell.page.locator(".class-name").first().focus();
    await shell.page.getByLabel("Merge pear into").click();
  },
  "500 objects": async (shell) => {
    await withObjects(shell, 500);
    await showPanel(shell, "Objects");
  },
  "the palette": async (shell) => {
    await withObjects(shell, 3);
    await showPanel(shell, "Objects");
    await shell.page.locator('.object-row [aria-label^="Colour of"]').first().click();
  },
  "the tray": async (shell) => {
    await withObjects(shell, 8);
    await shell.page.keyboard.press("Shift+X");
    await showPanel(shell, "Cut-outs");
    await shell.until("document_.cutOuts.length === 8");
  },
  "two images": async (shell) => {
    await shell.openImage();
    await shell.openImage("another one with a name that is rather long.png");
    await showPanel(shell, "Images");
  },
  "images on their way": async (shell) => {
    await shell.openImage();
    await showPanel(shell, "Images");
    await set(shell, { adding: { done: 37, total: 120 }, sending: { done: 12, total: 120 } });
  },
  "everything, before": async (shell) => {
    await shell.openImage();
    await set(shell, { tool: "everything" });
  },
  "everything, at work": async (shell) => {
    await shell.openImage();
    await set(shell, {
      tool: "everything",
      everything: { state: "running", pointsDone: 320, pointsTotal: 1024, found: [] },
    });
  },
  "everything, done": async (shell) => {
    await shell.openImage();
    await shell.page.keyboard.press("Shift+A");
    await shell.until("studio.getState().everything.state === 'done'");
  },
  "a cursor moved by keys": async (shell) => {
    await shell.openImage();
    await shell.page.keyboard.press("ArrowRight");
  },
  "an open menu": async (shell) => {
    await shell.openImage();
    await shell.page.locator(".menu-title:visible").first().click();
  },
  "the model's panel": async (shell) => {
    await shell.openImage();
    await shell.page.locator(".model-status").click();
  },
  "the help sheet": (shell) => set(shell, { openPanel: "help" }),
  "the keymap with a conflict": (shell) =>
    shell.look(`studio.set(({ preferences }) => ({
      openPanel: "keymap",
      preferences: { ...preferences, keymap: { "tool.box": "C" } },
    }))`),
  "objects that others have changed, too": async (shell) => {
    await withObjects(shell, 8);
    await shell.look(`studio.set(({ openImageId }) => {
      const [first, second, third] = document_.objects;
      const conflicts = [
        { id: "1", mine: first, theirs: { ...first, name: "Apple", colour: 4 } },
        { id: "2", mine: second, theirs: { ...third, name: second.name } },
        { id: "3", mine: null, theirs: third },
      ];
      return { questions: [{ imageId: openImageId, conflicts }] };
    })`);
  },
  "the export dialog": async (shell) => {
    await withObjects(shell, 8);
    await set(shell, { openPanel: "export" });
  },
};
