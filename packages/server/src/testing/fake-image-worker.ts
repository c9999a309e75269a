import { writeFile } from "node:fs/promises";
import type { ImageWorker } from "../images/image-worker.js";

/**
 * An image worker that decodes nothing: every file is an image of 6 x 5 pixels, and renditions contain their
 * options.
 */
export interface FakeImageWorker extends ImageWorker {
  /** Sides of the created renditions, in order. */
  readonly rendered: (number | undefined)[];
  /** Renditions wait for this promise. */
  hold: Promise<void>;
}

export function createFakeImageWorker(): FakeImageWorker {
  return {
    rendered: [],
    hold: Promise.resolve(),
    async inspect(_path, thumbnailPath) {
      await writeFile(thumbnailPath, "thumbnail");
      return { width: 6, height: 5, orientation: 1, mediaType: "image/png" };
    },
    async render(_path, outputPath, { maxSide } = {}) {
      this.rendered.push(maxSide);
      await this.hold;
      await writeFile(outputPath, `rendition ${maxSide}`);
    },
    async cutOut(_path, outputPath) {
      await writeFile(outputPath, "cut-out");
    },
    load: () => ({ waiting: 0, running: 0 }),
    close: () => undefined,
  };
}
