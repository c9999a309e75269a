/** How the image and the page are looked at. */

import {
  Brush,
  Contrast,
  type LucideIcon,
  Maximize,
  Monitor,
  Moon,
  Scan,
  SquareDashedMousePointer,
  Sun,
  SunMoon,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { fitView, zoomAtCentre } from "../canvas/view.js";
import { openImage } from "../state/selectors.js";
import type { GalleryImage, Preferences, StudioState, Theme, View } from "../state/types.js";
import type { Studio } from "../studio.js";
import type { Command } from "./command.js";
import { always, hasImage } from "./conditions.js";

const ZOOM_STEP = 1.5;
/** Pixels of the image. */
export const BRUSH_RANGE_PX = { min: 1, max: 400 } as const;
export const OPACITY_RANGE = { min: 0.05, max: 0.95 } as const;

export const zoomIn = zoomCommand("in", "Zoom in", ZoomIn, "+", ({ view, stageSize }, image) =>
  zoomAtCentre(view, ZOOM_STEP, image, stageSize),
);
export const zoomOut = zoomCommand("out", "Zoom out", ZoomOut, "-", ({ view, stageSize }, image) =>
  zoomAtCentre(view, 1 / ZOOM_STEP, image, stageSize),
);
export const fitImage = zoomCommand("fit", "Fit to window", Maximize, "0", ({ stageSize }, image) =>
  fitView(image, stageSize),
);
export const actualSize = zoomCommand("actual", "Actual size", Scan, "Z", ({ view, stageSize }, image) =>
  zoomAtCentre(view, 1 / view.scale, image, stageSize),
);

export const largerBrush = brushCommand("larger", "Larger brush", "]", 1.25);
export const smallerBrush = brushCommand("smaller", "Smaller brush", "[", 1 / 1.25);

export const strongerMasks = opacityCommand("stronger", "Stronger masks", ".", 0.1);
export const fainterMasks = opacityCommand("fainter", "Fainter masks", ",", -0.1);

export const toggleBoxes: Command = {
  id: "view.boxes",
  name: "Boxes of all masks",
  group: "View",
  icon: SquareDashedMousePointer,
  shortcut: "O",
  checked: ({ preferences }) => preferences.showsBoxes,
  enabled: always,
  perform: (studio) => prefer(studio, ({ showsBoxes }) => ({ showsBoxes: !showsBoxes })),
};

export const cycleTheme: Command = {
  id: "view.cycle-theme",
  name: "Change theme",
  group: "View",
  icon: SunMoon,
  shortcut: "T",
  enabled: always,
  perform: (studio) =>
    prefer(studio, ({ theme }) => ({
      theme: theme === "system" ? "light" : theme === "light" ? "dark" : "system",
    })),
};

export const systemTheme = themeCommand("system", "Theme of the system", Monitor);
export const lightTheme = themeCommand("light", "Light theme", Sun);
export const darkTheme = themeCommand("dark", "Dark theme", Moon);

export const VIEW_COMMANDS: readonly Command[] = [
  zoomIn,
  zoomOut,
  fitImage,
  actualSize,
  strongerMasks,
  fainterMasks,
  toggleBoxes,
  largerBrush,
  smallerBrush,
  cycleTheme,
  systemTheme,
  lightTheme,
  darkTheme,
];

/** Changes what is remembered on this device. */
export function prefer(studio: Studio, change: (before: Preferences) => Partial<Preferences>): void {
  studio.set(({ preferences }) => ({ preferences: { ...preferences, ...change(preferences) } }));
}

function zoomCommand(
  id: string,
  name: string,
  icon: LucideIcon,
  shortcut: string,
  change: (state: StudioState, image: GalleryImage) => View,
): Command {
  return {
    id: `view.${id}`,
    name,
    group: "View",
    icon,
    shortcut,
    repeats: true,
    enabled: hasImage,
    perform: (studio) => {
      const state = studio.getState();
      const image = openImage(state);
      if (image) studio.set(() => ({ view: change(state, image) }));
    },
  };
}

function brushCommand(id: string, name: string, shortcut: string, factor: number): Command {
  return {
    id: `view.brush-${id}`,
    name,
    group: "Tools",
    icon: Brush,
    shortcut,
    repeats: true,
    enabled: ({ tool }) => tool === "brush" || tool === "eraser",
    perform: (studio) =>
      prefer(studio, ({ brushSizePx }) => ({ brushSizePx: scaledBrush(brushSizePx, factor) })),
  };
}

/** At least one pixel of change, however small the brush is. */
function scaledBrush(sizePx: number, factor: number): number {
  const next = factor > 1 ? Math.max(sizePx + 1, sizePx * factor) : Math.min(sizePx - 1, sizePx * factor);
  return Math.round(Math.min(BRUSH_RANGE_PX.max, Math.max(BRUSH_RANGE_PX.min, next)));
}

function opacityCommand(id: string, name: string, shortcut: string, step: number): Command {
  return {
    id: `view.masks-${id}`,
    name,
    group: "View",
    icon: Contrast,
    shortcut,
    repeats: true,
    enabled: hasImage,
    perform: (studio) =>
      prefer(studio, ({ maskOpacity }) => ({
        maskOpacity: Math.min(OPACITY_RANGE.max, Math.max(OPACITY_RANGE.min, maskOpacity + step)),
      })),
  };
}

function themeCommand(theme: Theme, name: string, icon: LucideIcon): Command {
  return {
    id: `view.theme-${theme}`,
    name,
    group: "View",
    icon,
    checked: ({ preferences }) => preferences.theme === theme,
    enabled: always,
    perform: (studio) => prefer(studio, () => ({ theme })),
  };
}
