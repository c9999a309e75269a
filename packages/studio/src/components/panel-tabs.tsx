import { Images, List, type LucideIcon, Scissors, Tags } from "lucide-react";
import type { PanelName } from "./panel-name.js";

const TABS: readonly { readonly name: PanelName; readonly label: string; readonly icon: LucideIcon }[] = [
  { name: "gallery", label: "Images", icon: Images },
  { name: "classes", label: "Classes", icon: Tags },
  { name: "objects", label: "Objects", icon: List },
  { name: "tray", label: "Cut-outs", icon: Scissors },
];

export interface PanelTabsProps {
  readonly open: PanelName | null;
  readonly onOpen: (name: PanelName | null) => void;
}

/** Opens the panels of narrow screens, one at a time. */
export function PanelTabs({ open, onOpen }: PanelTabsProps) {
  return (
    <nav className="panel-tabs" aria-label="Panels">
      {TABS.map(({ name, label, icon: Icon }) => (
        <button
          key={name}
          type="button"
          className="panel-tab"
          aria-expanded={open === name}
          onClick={() => onOpen(open === name ? null : name)}
        >
          <Icon aria-hidden="true" />
          <span>{label}</span>
        </button>
      ))}
    </nav>
  );
}
