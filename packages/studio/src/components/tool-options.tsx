import type { ReactElement } from "react";
import { findAll, stopFinding } from "../actions/everything-commands.js";
import {
  addMask,
  removeArea,
  removeBox,
  removeLastPoint,
  toggleCommit,
  toggleMultimask,
} from "../actions/prompt-commands.js";
import { BRUSH_RANGE_PX, fitImage, OPACITY_RANGE, prefer, toggleBoxes } from "../actions/view-commands.js";
import type { Tool } from "../state/types.js";
import { formatPercent } from "../text.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";
import { Slider } from "./ui/slider.js";

/** What can be set of the tool in hand. */
export function ToolOptions() {
  const tool = useStudioState((state) => state.tool);
  return (
    <section className="tool-options" aria-label="Options of the tool">
      <OptionsOf tool={tool} />
      <div className="tool-options-end">
        <CommandButton command={toggleBoxes} look="quiet" />
        <MaskOpacity />
      </div>
    </section>
  );
}

function OptionsOf({ tool }: { readonly tool: Tool }): ReactElement {
  switch (tool) {
    case "click":
      return (
        <>
          <fieldset className="segmented">
            <legend className="visually-hidden">What a click does</legend>
            <CommandButton command={addMask}>Add</CommandButton>
            <CommandButton command={removeArea}>Remove</CommandButton>
          </fieldset>
          <CommandButton command={toggleMultimask}>Multi-mask</CommandButton>
          <CommandButton command={toggleCommit} look="quiet" />
          <CommandButton command={removeLastPoint} look="quiet" />
        </>
      );
    case "box":
      return (
        <CommandButton command={removeBox} look="quiet">
          Remove box
        </CommandButton>
      );
    case "brush":
    case "eraser":
      return <BrushSize />;
    case "everything":
      return <EverythingOptions />;
    case "pan":
      return (
        <CommandButton command={fitImage} look="quiet">
          Fit to window
        </CommandButton>
      );
  }
}

function EverythingOptions() {
  const isRunning = useStudioState(({ everything }) => everything.state === "running");
  return isRunning ? (
    <CommandButton command={stopFinding}>Stop</CommandButton>
  ) : (
    <CommandButton command={findAll}>Find all masks</CommandButton>
  );
}

function BrushSize() {
  const studio = useStudio();
  const sizePx = useStudioState(({ preferences }) => preferences.brushSizePx);
  return (
    <Slider
      label="Size"
      value={sizePx}
      {...BRUSH_RANGE_PX}
      step={1}
      format={(value) => `${value} px`}
      onChange={(brushSizePx) => prefer(studio, () => ({ brushSizePx }))}
    />
  );
}

function MaskOpacity() {
  const studio = useStudio();
  const opacity = useStudioState(({ preferences }) => preferences.maskOpacity);
  return (
    <Slider
      label="Masks"
      value={opacity}
      {...OPACITY_RANGE}
      step={0.05}
      format={formatPercent}
      onChange={(maskOpacity) => prefer(studio, () => ({ maskOpacity }))}
    />
  );
}
