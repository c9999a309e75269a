import { drawMask } from "@segany/sam/browser";
import address from "../examples/still-life.jpg?url";

const file = new File([await (await fetch(address)).blob()], "still-life.jpg");
// The snippet of docs/browser.md.
const mask = masks[0];
if (!mask) throw new Error("There is no mask.");
const { width, height, data } = drawMask(await readImage(file), mask, {
  alpha: 1,
  colours: [[255, 0, 0]],
});
const canvas = document.querySelector("canvas")!;
Object.assign(canvas, { width, height });
canvas.getContext("2d")!.putImageData(new ImageData(data, width, height), 0, 0);
document.querySelector("p")!.textContent = `A mask of ${width} x ${height} pixels`;
