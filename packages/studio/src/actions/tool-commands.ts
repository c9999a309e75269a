/** Commands that select a tool. What a press with it does is in canvas/gestures/begin-gesture.ts. */

import {
  Brush,
  Eraser,
  Hand,
  type LucideIcon,
  MousePointerClick,
  Sparkles,
  SquareDashed,
} from "lucide-react";
import type { Tool } from "../state/types.js";
import type { Command } from "./command.js";
import { always } from "./conditions.js";

export const clickTool = toolCommand("click", "Hover & click", MousePointerClick, "C");
export const boxTool = toolCommand("box", "Box", SquareDashed, "B");
export const brushTool = toolCommand("brush", "Brush", Brush, "P");
export const eraserTool = toolCommand("eraser", "Eraser", Eraser, "E");
export const everythingTool = toolCommand("everything", "Everything", Sparkles, "A");
export const panTool = toolCommand("pan", "Move image", Hand, "H");

export const TOOL_COMMANDS: readonly Command[] = [
  clickTool,
  boxTool,
  brushTool,
  eraserTool,
  everythingTool,
  panTool,
];

function toolCommand(tool: Tool, name: string, icon: LucideIcon, shortcut: string): Command {
  return {
    id: `tool.${tool}`,
    name,
    group: "Tools",
    icon,
    shortcut,
    checked: (state) => state.tool === tool,
    enabled: always,
    perform: (studio) => studio.set(() => ({ tool })),
  };
}
