import type { RgbaImage } from "@segany/masks";
import { type ImageEmbedding, type MasksSoFar, type Sam, SamAutomaticMaskGenerator } from "@segany/sam";
import { foundMaskOf } from "./found-mask.js";
import { type DecodedSearch, type EverythingOptions, FOUND_FLOOR } from "./types.js";

/** Milliseconds between two looks at what was found: each selects from all candidates. */
const LOOK_EVERY_MS = 1000;

/** Everything mode in this page's worker. */
export async function everythingInPage(
  sam: Sam,
  image: RgbaImage,
  embedding: ImageEmbedding,
  { settings, signal, onProgress, onFound }: EverythingOptions,
): Promise<DecodedSearch> {
  const generator = new SamAutomaticMaskGenerator(sam, { ...settings, outputMode: "coco_rle" });
  const look = createLooker(onFound);
  const decoded = await generator.decode(image, {
    embedding,
    signal,
    floor: FOUND_FLOOR,
    onProgress: (progress, found) => {
      onProgress(progress);
      look.maybe(found);
    },
  });
  look.stop();
  return {
    select: async (selection) => (await decoded.select(selection)).map(foundMaskOf),
    release: () => decoded.release(),
  };
}

/** Looks about once a second, and never twice at a time. */
function createLooker(onFound: EverythingOptions["onFound"]) {
  let last = performance.now();
  let isLooking = false;
  let isOver = false;
  const lookAt = async (found: MasksSoFar) => {
    // What fails here fails in the search itself too, which tells of it.
    const masks = await found.select().catch(() => []);
    last = performance.now();
    isLooking = false;
    if (!isOver) onFound(masks.map(foundMaskOf));
  };
  return {
    maybe(found: MasksSoFar) {
      if (isLooking || performance.now() - last < LOOK_EVERY_MS) return;
      isLooking = true;
      void lookAt(found);
    },
    stop() {
      isOver = true;
    },
  };
}
