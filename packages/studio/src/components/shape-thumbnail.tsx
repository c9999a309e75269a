import type { BoxXywh } from "@segany/masks";
import { useEffect, useRef } from "react";
import { outlinePath } from "../canvas/outline.js";
import type { MaskShape } from "../state/document.js";
import { useStudio, useStudioState } from "./studio-context.js";

export interface ShapeThumbnailProps {
  readonly shape: MaskShape;
  /** CSS pixels of its longer side. */
  readonly sidePx: number;
  /** Of the image, to be shown with the mask in it: its own box by default. */
  readonly frameXywh?: BoxXywh;
  /** The open image by default. */
  readonly imageId?: string;
}

/** What is under a mask, small, with everything around it left away. */
export function ShapeThumbnail({ shape, sidePx, frameXywh, ...props }: ShapeThumbnailProps) {
  const studio = useStudio();
  const openImageId = useStudioState((state) => state.openImageId);
  const imageId = props.imageId ?? openImageId;
  const ref = useRef<HTMLCanvasElement>(null);
  const [x, y, width, height] = frameXywh ?? shape.boxXywh;
  const scale = sidePx / Math.max(width, height, 1);

  useEffect(() => {
    if (imageId === null) return;
    let isWanted = true;
    studio.bitmapOf(imageId).then(
      (bitmap) =>
        isWanted && ref.current && drawCutOut(ref.current, bitmap, shape, [x, y, width, height], scale),
      // What is wrong with the image is told where it is opened; here the place stays empty.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [studio, imageId, shape, x, y, width, height, scale]);

  const style = { width: Math.max(1, width * scale), height: Math.max(1, height * scale) };
  return <canvas ref={ref} className="shape-thumbnail" style={style} />;
}

function drawCutOut(
  canvas: HTMLCanvasElement,
  bitmap: ImageBitmap,
  shape: MaskShape,
  [x, y, width, height]: BoxXywh,
  scale: number,
): void {
  const dense = scale * devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * dense));
  canvas.height = Math.max(1, Math.round(height * dense));
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(dense, dense);
  context.translate(-x, -y);
  context.clip(outlinePath(shape.segmentation, dense), "evenodd");
  context.drawImage(bitmap, 0, 0);
}
