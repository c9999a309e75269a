import type { Size } from "@segany/masks";
import { useEffect, useRef } from "react";
import type { RendererOptions } from "../canvas/renderer.js";
import { createStageView } from "../canvas/stage-view.js";
import type { Studio } from "../studio.js";
import { observeSize } from "./observe-size.js";
import "./stage.css";

export interface StageProps extends RendererOptions {
  readonly studio: Studio;
}

/** The image that is open, with its masks, where the user points, draws and paints. Fills its parent. */
export function Stage({ studio, onFrame }: StageProps) {
  const surface = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLCanvasElement>(null);
  const masks = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const element = surface.current!;
    const layers = { image: image.current!, masks: masks.current!, overlay: overlay.current! };
    const view = createStageView(studio, element, layers, onFrame && { onFrame });
    let covered: Size | null = null;
    const resize = () =>
      view.resize(
        { width: element.clientWidth, height: element.clientHeight },
        window.devicePixelRatio,
        covered,
      );
    const stopObserving = observeSize(element, (size) => {
      covered = size;
      resize();
    });
    // A window that moves to another screen, or a page that is zoomed, may keep its size in CSS pixels.
    window.addEventListener("resize", resize);
    return () => {
      window.removeEventListener("resize", resize);
      stopObserving();
      view.close();
    };
  }, [studio, onFrame]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move a cursor over it.
    <div ref={surface} className="stage" role="application" aria-label="Image" tabIndex={0}>
      <canvas ref={image} className="stage-layer" />
      <canvas ref={masks} className="stage-layer" />
      <canvas ref={overlay} className="stage-layer" />
    </div>
  );
}
