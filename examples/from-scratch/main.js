/**
 * `node examples/from-scratch/main.js FOLDER [STEPS OF PRE-TRAINING] [STEPS OF TRAINING]`: a SAM from random
 * weights in about ten minutes. FOLDER/masks.png then shows scenes, their true masks and those of one click
 * each.
 */
import { trainFromScratch } from "./train.js";

const [folder = "outputs/from-scratch", pretrainSteps = "500", steps = "900"] = process.argv.slice(2);
const started = performance.now();
const say = (text) =>
  console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${text}`);

const { clickIou, sheet, bestCheckpoint } = await trainFromScratch({
  folder,
  scenes: 400,
  pretrainSteps: Number(pretrainSteps),
  steps: Number(steps),
  onEvent(event) {
    if (event.kind === "validation")
      say(
        `after ${event.step} steps: mIoU of one click ${event.click.toFixed(3)}, of the box ${event.box.toFixed(3)}`,
      );
    else if (event.step === 1 || event.step % 50 === 0)
      say(`${event.kind} ${event.step} of ${event.steps}: loss ${event.loss.toFixed(3)}`);
  },
});
say(`mIoU of one click on the pixels of scenes that were not trained on: ${clickIou.toFixed(3)}`);
say(`${sheet} shows some of them; the model is ${bestCheckpoint}`);
