import { decode } from "fast-png";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { pinch } from "./pinch.js";
import { openShellSite, type Shell, type ShellOptions, type ShellSite } from "./shell-site.js";

type Place = readonly [x: number, y: number];

/** Where on the page a place of the image is, CSS pixels. */
const PAGE_PLACE = (x: number, y: number) => `(() => {
  const { scale, offsetX, offsetY } = studio.getState().view;
  const { left, top } = document.querySelector(".stage").getBoundingClientRect();
  return [left + ${x} * scale + offsetX, top + ${y} * scale + offsetY];
})()`;

/** Of a part of the stage away from its edges, where buttons float over it; pixels of the screen. */
const PART = { x: 200, y: 200, width: 400, height: 300 } as const;

let site: ShellSite;
let shell: Shell;

async function open(options: ShellOptions = {}): Promise<void> {
  shell = await site.open(options);
  await shell.openImage();
}

/** Where in the image a click on the page puts its point. */
async function clickAt([x, y]: Place): Promise<Place> {
  await shell.page.mouse.click(x, y);
  await shell.until("document_.draft.alternatives !== null");
  return shell.look("document_.draft.points[0].at");
}

const canvasSizes = () =>
  shell.look<readonly Place[]>(
    `Array.from(document.querySelectorAll(".stage canvas"), ({ width, height }) => [width, height])`,
  );

/** Part of the stage's canvases on top of each other, RGBA. */
async function drawnPart(): Promise<Buffer> {
  const text = await shell.look<string>(`(() => {
    const canvas = new OffscreenCanvas(${PART.width}, ${PART.height});
    const context = canvas.getContext("2d");
    for (const layer of document.querySelectorAll(".stage canvas"))
      context.drawImage(layer, ${-PART.x}, ${-PART.y});
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from(data, (byte) => String.fromCharCode(byte)).join("");
  })()`);
  return Buffer.from(text, "latin1");
}

/**
 * How far that part differs on the screen at most, of 255. Masks are drawn bit by bit: to be asked until it
 * fits.
 */
async function differenceOnScreen(): Promise<number> {
  const drawn = await drawnPart();
  const { data, width, channels } = decode(await shell.page.screenshot({ scale: "device" }));
  const [left, top] = await shell.look<Place>(`(() => {
    const { left, top } = document.querySelector(".stage").getBoundingClientRect();
    return [Math.round(left * devicePixelRatio), Math.round(top * devicePixelRatio)];
  })()`);
  let largest = 0;
  for (let y = 0; y < PART.height; y++)
    for (let x = 0; x < PART.width; x++)
      for (let channel = 0; channel < 3; channel++) {
        const seen = data[((top + PART.y + y) * width + left + PART.x + x) * channels + channel]!;
        largest = Math.max(largest, Math.abs(seen - drawn[(y * PART.width + x) * 4 + channel]!));
      }
  return largest;
}

/** Objects with outlines, and a pointer that is not on them. */
async function showObjects(): Promise<void> {
  await shell.look("window.shellPage.addMadeObjects(30)");
  await shell.page.mouse.move(5, 5);
}

describe.skipIf(!findChromium())("a screen with more pixels than CSS has", () => {
  beforeAll(async () => {
    site = await openShellSite();
  });
  afterAll(() => site?.close());
  afterEach(() => shell?.close());

  it("has a click mean the same pixel of the image", async () => {
    const found: Place[] = [];
    for (const pixelRatio of [1, 1.5, 2]) {
      await open({ pixelRatio });
      expect(await shell.page.evaluate("devicePixelRatio")).toBe(pixelRatio);
      found.push(await clickAt([603, 411]));
      await shell.close();
    }
    expect(found).toEqual([found[0], found[0], found[0]]);
  });

  it("has all its pixels drawn, outlines too", async () => {
    await open({ pixelRatio: 2 });
    await showObjects();
    const [width, height] = await shell.look<Place>(
      "(({ width, height }) => [2 * width, 2 * height])(document.querySelector('.stage').getBoundingClientRect())",
    );
    const sizes = await canvasSizes();
    expect(sizes).toEqual([sizes[0], sizes[0], sizes[0]]);
    // The layout may end within a pixel of the screen; canvases are made of whole ones.
    expect(Math.abs(sizes[0]![0] - width)).toBeLessThan(1);
    expect(Math.abs(sizes[0]![1] - height)).toBeLessThan(1);
    await expect.poll(differenceOnScreen).toBeLessThanOrEqual(3);
  });

  it("can be tapped: a tap is a click on what it touches", async () => {
    await open({ screen: "phone", pixelRatio: 3 });
    const [x, y] = await shell.look<Place>(PAGE_PLACE(300, 200));
    await shell.page.touchscreen.tap(x, y);
    await shell.until("document_.draft.alternatives !== null");
    const [px, py] = await shell.look<Place>("document_.draft.points[0].at");
    expect(px).toBeCloseTo(300, 0);
    expect(py).toBeCloseTo(200, 0);
  });

  it("can be pinched: two fingers zoom about the place between them", async () => {
    await open({ screen: "phone", pixelRatio: 3 });
    const before = await shell.look<number>("studio.getState().view.scale");
    const [x, y] = await shell.look<Place>(PAGE_PLACE(450, 300));
    await pinch(shell.page, [
      [
        [x - 40, y],
        [x - 80, y],
      ],
      [
        [x + 40, y],
        [x + 80, y],
      ],
    ]);
    expect((await shell.look<number>("studio.getState().view.scale")) / before).toBeCloseTo(2, 2);
    const [cx, cy] = await shell.look<Place>(PAGE_PLACE(450, 300));
    expect(cx).toBeCloseTo(x, 0);
    expect(cy).toBeCloseTo(y, 0);
    expect(await shell.look("document_.draft.points")).toEqual([]);
  });
});

/**
 * With a ratio that is no whole number the layout puts elements on whole pixels of the screen, and so changes
 * sizes.
 */
describe.skipIf(!findChromium())("a screen with one and a half pixels for each of CSS", () => {
  beforeAll(async () => {
    site = await openShellSite({ screenPixelRatio: 1.5 });
    await open();
    await showObjects();
  });
  afterAll(() => site?.close());

  it("has a pixel of the canvases for each of its own, wherever the stage lies", async () => {
    const covered = await shell.page.evaluate<Place>(`new Promise((resolve) => {
      new ResizeObserver(([{ devicePixelContentBoxSize: [box] }]) => resolve([box.inlineSize, box.blockSize]))
        .observe(document.querySelector(".stage"), { box: "device-pixel-content-box" });
    })`);
    expect(await shell.page.evaluate("devicePixelRatio")).toBe(1.5);
    expect(await canvasSizes()).toEqual([covered, covered, covered]);
    await expect.poll(differenceOnScreen).toBeLessThanOrEqual(3);
  });

  it("has it so when the window is made narrower by any number of pixels", async () => {
    for (const narrower of [1, 2, 3]) {
      await shell.look(`document.querySelector(".app").style.width = (innerWidth - ${narrower}) + "px"`);
      await expect.poll(differenceOnScreen).toBeLessThanOrEqual(3);
    }
  });
});
