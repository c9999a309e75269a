/** Scenes of coloured shapes, drawn from a seed, whose objects have a name of two words: "red circle". */
import { maskToRuns } from "@segany/masks";
import { encodePng } from "@segany/sam";

export const COLOURS = {
  red: [215, 40, 40],
  green: [40, 160, 60],
  blue: [50, 80, 215],
  yellow: [235, 215, 50],
  purple: [150, 50, 175],
  orange: [240, 140, 30],
  white: [240, 240, 240],
  black: [20, 20, 20],
};

const star = (x, y) => Math.hypot(x, y) - 0.72 - 0.28 * Math.cos(5 * (Math.atan2(y, x) + Math.PI / 2));

/** Shapes by the distance of (x, y) from the centre, in radii: negative inside. */
const SHAPES = {
  circle: (x, y) => Math.hypot(x, y) - 0.95,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.85,
  triangle: (x, y) => Math.max(Math.abs(x) * 0.9 - (y + 0.75) * 0.5, y - 0.8),
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.72) - 0.26,
  cross: (x, y) =>
    Math.min(Math.max(Math.abs(x) / 3, Math.abs(y)), Math.max(Math.abs(x), Math.abs(y) / 3)) - 0.32,
  star,
};

const [colours, shapes] = [Object.keys(COLOURS), Object.keys(SHAPES)];

/** Two shapes of each colour are kept from training: no model has seen them, only both words. */
const isHeldOut = (colour, shape) => (shape - colour + 2 * shapes.length) % shapes.length < 2;
const pairs = colours.flatMap((_, colour) => shapes.map((_, shape) => ({ colour, shape })));
const known = pairs.filter(({ colour, shape }) => !isHeldOut(colour, shape));
const heldOut = pairs.filter(({ colour, shape }) => isHeldOut(colour, shape));

export const nameOf = ({ colour, shape }) => `${colours[colour]} ${shapes[shape]}`;
/** The names that are trained on, and the others. */
export const KNOWN = known.map(nameOf);
export const HELD_OUT = heldOut.map(nameOf);

/** Objects of a scene. */
const OBJECTS = 4;

/**
 * Scenes as `trainSam` takes them. Each has a second object of the first one's colour and a third of its
 * shape, so that both words count.
 *
 * @param random of `createRandom`
 * @param {{ count: number, side: number, heldOut?: boolean }} options `side` in pixels; `heldOut` for scenes
 *   of the combinations that no other scene has
 */
export function drawScenes(random, { count, side, heldOut: isTest = false }) {
  return Array.from({ length: count }, (_, index) =>
    drawScene(random, { side, from: isTest ? heldOut : known, fileName: `scene-${index}.png` }),
  );
}

function drawScene(random, { side, from, fileName }) {
  const image = { width: side, height: side, data: new Uint8ClampedArray(4 * side * side) };
  const objects = placed(random, chooseNames(random, from), side);
  const grey = 90 + 60 * random.unit();
  const ground = [0, 0, 0].map(() => grey + 24 * (random.unit() - 0.5));
  const owners = new Uint8Array(side * side); // of each pixel the number of the object that it shows
  for (let i = 0; i < owners.length; i++) {
    const owner = objects.findIndex((object) => isInside(object, i % side, Math.floor(i / side)));
    owners[i] = owner + 1;
    const colour = owner < 0 ? ground : objects[owner].paint;
    image.data.set([...colour.map((value) => value + 8 * random.normal()), 255], 4 * i);
  }
  const masks = objects.map(({ name }, i) => {
    const data = owners.map((owner) => (owner === i + 1 ? 1 : 0));
    const runs = maskToRuns({ width: side, height: side, data });
    return { id: i + 1, className: name, runs: () => runs };
  });
  return { fileName, size: { width: side, height: side }, masks, open: () => encodePng(image), image };
}

/** Different combinations: any, one of its colour, one of its shape, and others. */
function chooseNames(random, from) {
  const one = (list) => list[random.below(list.length)];
  const chosen = [one(from)];
  const [{ colour, shape }] = chosen;
  const others = (isWanted) => from.filter((pair) => !chosen.includes(pair) && isWanted(pair));
  chosen.push(one(others((pair) => pair.colour === colour)));
  chosen.push(one(others((pair) => pair.shape === shape)));
  while (chosen.length < OBJECTS) chosen.push(one(others(() => true)));
  return chosen;
}

/** Objects of several sizes that don't touch. */
function placed(random, names, side) {
  const objects = [];
  for (const pair of names) {
    for (let tries = 0; ; tries++) {
      const radius = side * (0.1 + 0.09 * random.unit()) * (tries > 200 ? 0.7 : 1);
      const centre = [0, 1].map(() => radius + (side - 2 * radius) * random.unit());
      const isFree = objects.every(
        (other) => Math.hypot(...centre.map((c, axis) => c - other.centre[axis])) > radius + other.radius + 2,
      );
      if (!isFree) continue;
      const turn = 0.3 * (random.unit() - 0.5);
      const paint = COLOURS[colours[pair.colour]].map((value) => value + 20 * (random.unit() - 0.5));
      objects.push({ name: nameOf(pair), shape: SHAPES[shapes[pair.shape]], radius, centre, turn, paint });
      break;
    }
  }
  return objects;
}

function isInside({ shape, radius, centre, turn }, x, y) {
  const [dx, dy] = [(x + 0.5 - centre[0]) / radius, (y + 0.5 - centre[1]) / radius];
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
  return shape(cos * dx - sin * dy, sin * dx + cos * dy) <= 0;
}
