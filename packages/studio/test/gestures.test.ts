import { boxOfRuns, cropRuns, interiorPoint, iouOfRuns, type MaskRuns, runsToMask } from "@segany/masks";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { doubleClick } from "./double-click.js";
import { pinch } from "./pinch.js";
import { openStageSite, type Stage, type StageOptions, type StageSite } from "./stage-site.js";

/** Radii of the discs that the fake model answers a click with. */
const RADII = [120, 60, 25];

const discArea = (radius: number) => Math.PI * radius ** 2;

describe.skipIf(!findChromium())("gestures on the stage", () => {
  let site: StageSite;
  let stage: Stage;
  beforeAll(async () => {
    site = await openStageSite();
  });
  afterAll(() => site?.close());
  afterEach(() => stage?.close());

  async function open(options?: StageOptions) {
    stage = await site.open(options);
    const { mouse } = stage.page;
    return {
      mouse,
      async click(x: number, y: number, button: "left" | "right" = "left") {
        const [sx, sy] = await stage.screen(x, y);
        await mouse.click(sx, sy, { button });
        return stage.settled();
      },
      async press(x: number, y: number, button: "left" | "middle" = "left") {
        const [sx, sy] = await stage.screen(x, y);
        await mouse.move(sx, sy);
        await mouse.down({ button });
      },
      async moveTo(x: number, y: number) {
        const [sx, sy] = await stage.screen(x, y);
        await mouse.move(sx, sy, { steps: 6 });
      },
    };
  }

  describe("with the click tool", () => {
    it("a click adds a point, and its masks can be chosen from", async () => {
      const { click } = await open();
      const { draft, steps } = await click(1200, 900);
      expect(steps).toEqual(["Add point"]);
      expect(draft.points).toHaveLength(1);
      expect(draft.points[0]!.label).toBe(1);
      expect(draft.points[0]!.at[0]).toBeCloseTo(1200, 0);
      expect(draft.points[0]!.at[1]).toBeCloseTo(900, 0);
      for (const [i, radius] of RADII.entries()) {
        expect(draft.alternatives![i]!.areaPx / discArea(radius)).toBeCloseTo(1, 1);
      }
    });

    it("a right click and a click with Shift remove area", async () => {
      const { click } = await open();
      const before = await click(1200, 900);
      const after = await click(1270, 900, "right");
      await stage.page.keyboard.down("Shift");
      const last = await click(1130, 900);
      await stage.page.keyboard.up("Shift");
      expect(last.draft.points.map(({ label }) => label)).toEqual([1, 0, 0]);
      expect(last.steps).toEqual(["Add point", "Remove area", "Remove area"]);
      const areas = [before, after, last].map(({ draft }) => draft.alternatives![0]!.areaPx);
      expect(areas[0]! - areas[1]!).toBeCloseTo(discArea(20), -2);
      expect(areas[1]! - areas[2]!).toBeCloseTo(discArea(20), -2);
    });

    it("a plain click removes area when that is what clicks are set to", async () => {
      const { click } = await open();
      await stage.set({ pointLabel: 0 });
      expect((await click(1200, 900)).draft.points[0]!.label).toBe(0);
    });

    it("a click beside the image does nothing", async () => {
      const { mouse } = await open();
      await mouse.click(4, 4);
      const { draft, steps } = await stage.settled();
      expect(draft.points).toEqual([]);
      expect(steps).toEqual([]);
    });

    it("a point can be dragged with the mask following, which is one step of undo", async () => {
      const { click, press, moveTo } = await open();
      await click(1200, 900);
      await press(1200, 900);
      await moveTo(1500, 1100);
      const during = await stage.settled();
      expect(during.steps).toEqual(["Add point"]);
      expect(during.draft.alternatives![0]!.areaPx / discArea(120)).toBeCloseTo(1, 1);
      await stage.page.mouse.up();
      const { draft, steps, questions } = await stage.settled();
      expect(draft.points[0]!.at[0]).toBeCloseTo(1500, 0);
      expect(draft.points[0]!.at[1]).toBeCloseTo(1100, 0);
      expect(steps).toEqual(["Add point", "Move point"]);
      expect(questions).toBeGreaterThan(2);
      await stage.undo();
      const undone = await stage.settled();
      expect(undone.draft.points[0]!.at[0]).toBeCloseTo(1200, 0);
    });

    it("Escape in the middle of a drag takes it back", async () => {
      const { click, press, moveTo } = await open();
      const before = await click(1200, 900);
      await press(1200, 900);
      await moveTo(1500, 1100);
      await stage.page.keyboard.press("Escape");
      await stage.page.mouse.up();
      const after = await stage.settled();
      expect(after.draft.points).toEqual(before.draft.points);
      expect(after.steps).toEqual(["Add point"]);
    });

    it("a click on a point deletes it, with either button", async () => {
      const { click } = await open();
      await click(1200, 900);
      await click(1900, 1500);
      const { draft, steps } = await click(1200, 900);
      expect(draft.points).toHaveLength(1);
      expect(steps.at(-1)).toBe("Delete point");
      expect((await click(1900, 1500, "right")).draft.points).toEqual([]);
    });

    it("the cards beside the point choose a mask by click and by wheel", async () => {
      const { click, mouse } = await open();
      await click(1200, 1500);
      const [x, y] = await stage.screen(1200, 1500);
      await mouse.move(x + 50, y - 50);
      await mouse.move(x + 20 + 72 + 30, y - 50);
      await mouse.down();
      await mouse.up();
      expect((await stage.settled()).draft.chosen).toBe(1);
      await mouse.wheel(0, 100);
      expect((await stage.settled()).draft.chosen).toBe(2);
      await mouse.wheel(0, -100);
      const { draft, view } = await stage.settled();
      expect(draft.chosen).toBe(1);
      expect(draft.points).toHaveLength(1);
      const fitted = 952 / 4000;
      expect(view.scale).toBeCloseTo(fitted, 5);
    });

    it("hovering asks for what is under the cursor, and leaving the image ends it", async () => {
      const { mouse, moveTo } = await open();
      await moveTo(2000, 1000);
      const { hover } = await stage.state();
      expect(hover!.at[0]).toBeCloseTo(2000, 0);
      expect(hover!.at[1]).toBeCloseTo(1000, 0);
      await mouse.move(3, 3);
      expect((await stage.state()).hover).toBeNull();
    });
  });

  describe("with the box tool", () => {
    it("a drag draws a box whose mask follows, and a click inside adds a point", async () => {
      const { click, press, moveTo } = await open({ answerMs: 1 });
      await stage.set({ tool: "box" });
      await press(1000, 800);
      await moveTo(1400, 1200);
      const during = await stage.settled();
      expect(during.draft.alternatives).toHaveLength(1);
      expect(during.questions).toBeGreaterThan(1);
      expect(during.steps).toEqual([]);
      await moveTo(1600, 1400);
      await stage.page.mouse.up();
      const drawn = await stage.settled();
      expect(drawn.draft.boxXyxy!.map(Math.round)).toEqual([1000, 800, 1600, 1400]);
      expect(drawn.draft.alternatives![0]!.areaPx / discArea(300)).toBeCloseTo(1, 1);
      expect(drawn.steps).toEqual(["Draw box"]);
      const { draft } = await click(1300, 1100);
      expect(draft.points).toHaveLength(1);
      expect(draft.boxXyxy).toEqual(drawn.draft.boxXyxy);
      await stage.undo();
      await stage.undo();
      expect((await stage.settled()).draft.boxXyxy).toBeNull();
    });

    it("a corner can be dragged", async () => {
      const { press, moveTo, mouse } = await open();
      await stage.set({ tool: "box" });
      await press(1000, 800);
      await moveTo(1600, 1400);
      await mouse.up();
      await stage.settled();
      await press(1600, 1400);
      await moveTo(2000, 1500);
      await mouse.up();
      const { draft, steps } = await stage.settled();
      for (const [i, edge] of [1000, 800, 2000, 1500].entries())
        expect(draft.boxXyxy![i]).toBeCloseTo(edge, 0);
      expect(steps).toEqual(["Draw box", "Change box"]);
    });
  });

  describe("with the everything tool", () => {
    it("a found mask lights up under the cursor and is kept by a click, once", async () => {
      const { click, moveTo } = await open({ objects: 1 });
      const [made] = (await stage.settled()).objects;
      await stage.page.evaluate(`(() => {
        const { studio, edits } = window.stagePage;
        const { segmentation, areaPx, boxXywh } = studio.getState().images[0].history.present.objects[0];
        const found = [{ segmentation, areaPx, boxXywh, predictedIou: 0.9, stabilityScore: 0.95, points: [] }];
        studio.amend((document) => edits.removeObjects(document, ["made-0"]));
        studio.set(() => ({ tool: "everything", everything: { state: "done", found, selection: {} } }));
      })()`);
      const [x, y] = middleOf(made!.segmentation);
      await moveTo(x, y);
      expect((await stage.state()).hover!.foundIndex).toBe(0);
      await click(x, y);
      const { objects, steps } = await click(x + 30, y + 30);
      expect(objects.map(({ segmentation }) => segmentation)).toEqual([made!.segmentation]);
      expect(steps).toEqual(["Keep mask"]);
    });
  });

  describe("with brush and eraser", () => {
    async function stroke(from: readonly [number, number], to: readonly [number, number]) {
      const { mouse } = stage.page;
      const [fx, fy] = await stage.screen(...from);
      const [tx, ty] = await stage.screen(...to);
      await mouse.move(fx, fy);
      await mouse.down();
      await mouse.move(tx, ty, { steps: 5 });
      await mouse.up();
      return stage.settled();
    }

    it("paints a mask, and takes some of it away again", async () => {
      await open();
      await stage.set({ tool: "brush" });
      const painted = await stroke([1000, 1000], [1400, 1000]);
      expect(painted.draft.painted!.areaPx / (400 * 40 + discArea(20))).toBeCloseTo(1, 2);
      await stage.set({ tool: "eraser" });
      const erased = await stroke([1200, 900], [1200, 1100]);
      expect(painted.draft.painted!.areaPx - erased.draft.painted!.areaPx).toBeCloseTo(40 * 40, -2);
      expect(erased.steps).toEqual(["Brush", "Erase"]);
    });

    it("paints on the model's mask, whose points stay", async () => {
      const { click } = await open();
      const clicked = await click(1000, 1000);
      await stage.set({ tool: "brush" });
      const painted = await stroke([1100, 1000], [1300, 1000]);
      expect(painted.draft.painted!.areaPx).toBeGreaterThan(clicked.draft.alternatives![0]!.areaPx + 5000);
      expect(painted.draft.points).toHaveLength(1);
    });

    it("erases from the object it is put down on, and leaves that in place until it is kept", async () => {
      await open({ objects: 1 });
      await stage.set({ tool: "eraser" });
      const { objects } = await stage.settled();
      const [x, y] = middleOf(objects[0]!.segmentation);
      const { draft, objects: after, steps } = await stroke([x, y], [x + 100, y]);
      expect(draft.objectId).toBe(objects[0]!.id);
      expect(draft.painted!.areaPx).toBeLessThan(objects[0]!.areaPx);
      expect(iouOfRuns([draft.painted!.segmentation], [objects[0]!.segmentation])[0]).toBeGreaterThan(0.9);
      expect(after).toEqual(objects);
      expect(steps).toEqual(["Erase"]);
    });
  });

  describe("moving about", () => {
    it("the wheel zooms at the cursor", async () => {
      const { mouse } = await open();
      const at = [700, 300] as const;
      await mouse.move(...at);
      const before = await stage.state();
      for (let i = 0; i < 10; i++) await mouse.wheel(0, -100);
      const { view } = await stage.settled();
      expect(view.scale / before.view.scale).toBeCloseTo(Math.exp(1.8), 2);
      const place = ({ scale, offsetX, offsetY }: typeof view) => [
        (at[0] - offsetX) / scale,
        (at[1] - offsetY) / scale,
      ];
      expect(place(view)[0]).toBeCloseTo(place(before.view)[0]!, 3);
      expect(place(view)[1]).toBeCloseTo(place(before.view)[1]!, 3);
    });

    it.each([
      { by: "the pan tool", tool: "pan", key: null, button: "left" },
      { by: "the space bar", tool: "box", key: "Space", button: "left" },
      { by: "the middle button", tool: "brush", key: null, button: "middle" },
      { by: "the click tool", tool: "click", key: null, button: "left" },
    ] as const)("$by, dragged, moves the image and asks nothing", async ({ tool, key, button }) => {
      const { mouse } = await open();
      await stage.set({ tool });
      const before = await stage.state();
      if (key) await stage.page.keyboard.down(key);
      await mouse.move(500, 400);
      await mouse.down({ button });
      await mouse.move(580, 340, { steps: 5 });
      await mouse.up({ button });
      const { view, steps, questions } = await stage.settled();
      // The slack of a click may be lost.
      expect(Math.abs(view.offsetX - before.view.offsetX - 80)).toBeLessThanOrEqual(20);
      expect(Math.abs(view.offsetY - before.view.offsetY + 60)).toBeLessThanOrEqual(15);
      expect(steps).toEqual([]);
      expect(questions).toBe(0);
    });

    it.each(["click", "box"])(
      "a double click with the %s tool leaves one point and one step",
      async (tool) => {
        await open();
        await stage.set({ tool });
        const before = await stage.state();
        await doubleClick(stage.page, 400, 400);
        const { view, draft, steps } = await stage.settled();
        expect(draft.points).toHaveLength(1);
        expect(steps).toEqual(["Add point"]);
        expect(view).toEqual(before.view);
        await stage.undo();
        expect((await stage.settled()).draft.points).toEqual([]);
      },
    );

    it("a double click on a point deletes it once", async () => {
      const { click } = await open();
      await click(1200, 900);
      const [x, y] = await stage.screen(1200, 900);
      await doubleClick(stage.page, x, y, { laterS: 10 }); // no triple click with the one before
      const { draft, steps } = await stage.settled();
      expect(draft.points).toEqual([]);
      expect(steps).toEqual(["Add point", "Delete point"]);
    });

    it("a double click with the pan tool shows the whole image again", async () => {
      const { mouse } = await open();
      await stage.set({ tool: "pan" });
      const fitted = await stage.state();
      await mouse.move(400, 400);
      for (let i = 0; i < 5; i++) await mouse.wheel(0, -100);
      await doubleClick(stage.page, 400, 400);
      const { view, steps } = await stage.settled();
      expect(view).toEqual(fitted.view);
      expect(steps).toEqual([]);
    });

    it("with the pan tool a click selects an object and one beside it selects none", async () => {
      const { click } = await open({ objects: 1 });
      await stage.set({ tool: "pan" });
      const { objects } = await stage.settled();
      const [x, y] = middleOf(objects[0]!.segmentation);
      expect((await click(x, y)).selectedIds).toEqual([objects[0]!.id]);
      await stage.page.mouse.click(3, 3);
      expect((await stage.settled()).selectedIds).toEqual([]);
    });

    it.each(["Shift", "Control"] as const)("with %s it selects one more, or one less", async (key) => {
      const { click } = await open({ objects: 2 });
      await stage.set({ tool: "pan" });
      const { objects } = await stage.settled();
      const [first, second] = objects.map(({ segmentation }) => middleOf(segmentation));
      const ids = objects.map(({ id }) => id);
      await click(...first!);
      await stage.page.keyboard.down(key);
      expect((await click(...second!)).selectedIds).toEqual(ids);
      await stage.page.mouse.click(3, 3);
      expect((await click(...first!)).selectedIds).toEqual([ids[1]]);
      await stage.page.keyboard.up(key);
    });
  });

  describe("with fingers", () => {
    it("a tap is a click", async () => {
      await open({ hasTouch: true });
      const [x, y] = await stage.screen(1200, 900);
      await stage.page.touchscreen.tap(x, y);
      const { draft, hover } = await stage.settled();
      expect(draft.points).toHaveLength(1);
      expect(draft.points[0]!.at[0]).toBeCloseTo(1200, -1);
      expect(hover).toBeNull();
    });

    it("two fingers zoom and move, whatever the first one began", async () => {
      await open({ hasTouch: true });
      await stage.set({ tool: "brush" });
      const before = await stage.state();
      await pinch(stage.page, [
        [
          [400, 400],
          [350, 400],
        ],
        [
          [600, 400],
          [750, 400],
        ],
      ]);
      const { view, draft, steps } = await stage.settled();
      expect(view.scale / before.view.scale).toBeCloseTo(400 / 200, 2);
      // The middle went from 500 to 550 and took its place in the image with it.
      const middleBefore = (500 - before.view.offsetX) / before.view.scale;
      expect((550 - view.offsetX) / view.scale).toBeCloseTo(middleBefore, 1);
      expect(draft.painted).toBeNull();
      expect(steps).toEqual([]);
    });
  });

  describe("what is seen", () => {
    /** Colours along a row of the image's canvas, from its left. */
    const row = (y: number, length: number) =>
      stage.page.evaluate<string[]>(`(() => {
        const context = document.querySelectorAll("canvas")[0].getContext("2d");
        const { data } = context.getImageData(0, ${y}, ${length}, 1);
        return Array.from({ length: ${length} }, (_, i) => data.slice(4 * i, 4 * i + 3).join());
      })()`);

    it("is sharp pixels with lines between them at 16 times, and no lines at 4 times", async () => {
      await open();
      // The check pattern of single pixels begins in the middle of the image, at (2000, 1500).
      await stage.set({ view: { scale: 16, offsetX: -2000 * 16, offsetY: -1500 * 16 } });
      await stage.settled();
      const close = await row(8, 64);
      for (const [i, colour] of ["240,224,64", "32,64,160", "240,224,64", "32,64,160"].entries()) {
        expect(new Set(close.slice(16 * i + 2, 16 * i + 15))).toEqual(new Set([colour]));
        expect(close[16 * i]).not.toBe(colour);
      }
      await stage.set({ view: { scale: 4, offsetX: -2000 * 4, offsetY: -1500 * 4 } });
      await stage.settled();
      expect(await row(2, 16)).toEqual(
        ["240,224,64", "32,64,160", "240,224,64", "32,64,160"].flatMap((colour) => Array(4).fill(colour)),
      );
    });

    it("of an object is its tint where its mask is, until it is hidden", async () => {
      await open({ objects: 1 });
      const { objects } = await stage.settled();
      const [x, y] = middleOf(objects[0]!.segmentation);
      const [sx, sy] = await stage.screen(x, y);
      const alpha = () =>
        stage.page.evaluate<number>(
          `document.querySelectorAll("canvas")[1].getContext("2d").getImageData(${sx}, ${sy}, 1, 1).data[3]`,
        );
      expect((await alpha()) / 255).toBeCloseTo(0.45, 1);
      await stage.page.evaluate(`(() => {
        const { studio, edits } = window.stagePage;
        studio.edit("Hide", (document) => edits.updateObject(document, "${objects[0]!.id}", { visible: false }));
      })()`);
      await stage.settled();
      expect(await alpha()).toBe(0);
    });
  });
});

/** The pixel of a mask that is farthest from its edge. */
function middleOf(segmentation: MaskRuns): [number, number] {
  const box = boxOfRuns(segmentation);
  const [x, y] = interiorPoint(runsToMask(cropRuns(segmentation, box)))!;
  return [box[0] + x, box[1] + y];
}
