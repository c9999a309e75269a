/**
 * `node examples/text-prompt/main.js FOLDER [STEPS OF CLIP] [STEPS OF SAM]`: the paper's text prompt from
 * random weights, on drawn scenes. FOLDER/words.png then shows scenes of combinations that no model has seen,
 * and the mask that each of their names found.
 */
import { join } from "node:path";
import { createRandom } from "@segany/training";
import { evaluateWords, openWords } from "./evaluate.js";
import { drawScenes } from "./scenes.js";
import { saveSheet } from "./sheet.js";
import { SIDE, trainTextPrompt } from "./train.js";

const [folder = "outputs/text-prompt", clipSteps = "900", samSteps = "1400"] = process.argv.slice(2);
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const say = (text) =>
  console.log(`${String(Math.round(cpuSeconds())).padStart(4)} s of processor time  ${text}`);

const trained = await trainTextPrompt({
  folder,
  scenes: 400,
  clipSteps: Number(clipSteps),
  samSteps: Number(samSteps),
  onEvent({ kind, ...event }) {
    if (kind === "validation")
      say(
        `after ${event.step} steps: mIoU of one click ${event.click.toFixed(3)}, of the name ${event.text.toFixed(3)}`,
      );
    else if (event.step === 1 || event.step % 50 === 0)
      say(`${kind} ${event.step} of ${event.steps}: loss ${event.loss.toFixed(3)}`);
  },
});
const { predictor, close } = await openWords(trained);
for (const [what, heldOut] of [
  ["known combinations", false],
  ["combinations that were held out", true],
]) {
  const scenes = drawScenes(createRandom(3), { count: 60, side: SIDE, heldOut });
  const { found, ...figures } = await evaluateWords(predictor, scenes);
  const text = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(3)}`);
  say(`${what}: ${text.join(", ")}`);
  const sheet = join(folder, heldOut ? "words.png" : "words-known.png");
  await saveSheet(sheet, found.slice(0, 6));
  for (const { names } of found.slice(0, 6)) console.log(`  ${names.join(", ")}`);
}
await close();
say(`${join(folder, "words.png")} shows the first six scenes, and what their names found`);
