/** Scenes of overlapping shapes, drawn from a seed, with the true mask of each shape. */
import { maskToRuns } from "@segany/masks";
import { encodePng } from "@segany/sam";
import { createRandom } from "@segany/training";

/** Shapes by the distance of (x, y) from the centre, in radii: negative inside. */
const SHAPES = [
  (x, y) => Math.hypot(x, y) - 1,
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.8,
  (x, y) => Math.max(Math.abs(x) * 0.9 - y * 0.5, y) - 0.5, // a triangle
  (x, y) => Math.abs(Math.hypot(x, y) - 0.7) - 0.3, // a ring
  (x, y) =>
    Math.min(Math.max(Math.abs(x) / 2.4, Math.abs(y)), Math.max(Math.abs(x), Math.abs(y) / 2.4)) - 0.4, // a cross
];

/** Shapes with fewer visible pixels are left out of the masks. */
const LEAST_AREA = 60;

/**
 * Scenes as `trainSam` takes them.
 *
 * @param {{ count: number, side: number, seed: number }} options `side` in pixels
 */
export function drawScenes({ count, side, seed }) {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => drawScene(random, side, `scene-${seed}-${index}.png`));
}

function drawScene(random, side, fileName) {
  const image = { width: side, height: side, data: new Uint8ClampedArray(4 * side * side) };
  const owners = new Uint8Array(side * side); // of each pixel the number of the shape that it shows
  const objects = Array.from({ length: 3 + random.below(4) }, () => randomObject(random, side));
  const ground = randomPaint(random, side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const top = objects.findLastIndex((object) => isInside(object, x, y));
      owners[y * side + x] = top + 1;
      const colour = colourAt(top < 0 ? ground : objects[top].paint, x, y);
      const noisy = colour.map((value) => value + 6 * random.normal());
      image.data.set([...noisy, 255], 4 * (y * side + x));
    }
  const masks = objects.flatMap((_, i) => maskOf(owners, i + 1, side));
  return { fileName, size: { width: side, height: side }, masks, open: () => encodePng(image), image };
}

function maskOf(owners, number, side) {
  const data = owners.map((owner) => (owner === number ? 1 : 0));
  if (data.reduce((sum, inside) => sum + inside, 0) < LEAST_AREA) return [];
  const runs = maskToRuns({ width: side, height: side, data });
  return [{ id: number, runs: () => runs }];
}

function randomObject(random, side) {
  return {
    shape: SHAPES[random.below(SHAPES.length)],
    radius: side * (0.1 + 0.15 * random.unit()),
    centre: [side * random.unit(), side * random.unit()],
    turn: 2 * Math.PI * random.unit(),
    paint: randomPaint(random, side),
  };
}

function isInside({ shape, radius, centre, turn }, x, y) {
  const [dx, dy] = [(x - centre[0]) / radius, (y - centre[1]) / radius];
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
  return shape(cos * dx - sin * dy, sin * dx + cos * dy) <= 0;
}

/** Two colours: stripes, or one that fades into the other. */
function randomPaint(random, side) {
  const colour = () => [0, 0, 0].map(() => 40 + 200 * random.unit());
  const angle = Math.PI * random.unit();
  const from = colour();
  const to = random.unit() < 0.3 ? colour() : from.map((value) => value + 60 * (random.unit() - 0.5));
  const period = random.unit() < 0.5 ? 6 + random.below(8) : 4 * side;
  return {
    from,
    to,
    wave: [(2 * Math.PI * Math.cos(angle)) / period, (2 * Math.PI * Math.sin(angle)) / period],
  };
}

function colourAt({ from, to, wave }, x, y) {
  const share = (1 + Math.sin(wave[0] * x + wave[1] * y)) / 2;
  return from.map((value, i) => value + share * (to[i] - value));
}
