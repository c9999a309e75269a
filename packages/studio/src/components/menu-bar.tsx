import { MenuIcon } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { COMMAND_SECTIONS, type CommandSection } from "../actions/registry.js";
import { Menu } from "./menu.js";
import { useStudioState } from "./studio-context.js";

interface MenuTitle {
  readonly label: string;
  readonly sections: readonly CommandSection[];
}

const toMenu = (section: CommandSection): MenuTitle => ({ label: section.group, sections: [section] });

const SECTIONS_OF_ONES_OWN = COMMAND_SECTIONS.filter(({ group }) => group !== "Work");
const MENUS = { work: COMMAND_SECTIONS.map(toMenu), own: SECTIONS_OF_ONES_OWN.map(toMenu) };

/** Every command, group by group. Where there is no room for the groups' names all of it is one menu. */
export function MenuBar() {
  const isWork = useStudioState(({ work }) => work !== null);
  const sections = isWork ? COMMAND_SECTIONS : SECTIONS_OF_ONES_OWN;
  return (
    <>
      <Menus menus={isWork ? MENUS.work : MENUS.own} className="menu-bar" />
      <Menus menus={[{ label: "Menu", sections }]} className="menu-bar-compact" />
    </>
  );
}

interface MenusProps {
  readonly menus: readonly MenuTitle[];
  readonly className: string;
}

function Menus({ menus, className }: MenusProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<number | null>(null);
  const [tabStop, setTabStop] = useState(0);

  useEffect(() => {
    if (open === null) return;
    const closeOutside = (event: PointerEvent) => {
      if (!ref.current?.contains(event.target as Node)) setOpen(null);
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [open]);

  function focusTitle(index: number): void {
    setTabStop(index);
    ref.current?.querySelectorAll<HTMLElement>(".menu-title")[index]?.focus();
  }

  function goSideways(from: number, step: 1 | -1): number {
    const next = (from + step + menus.length) % menus.length;
    focusTitle(next);
    return next;
  }

  function onTitleKey(event: KeyboardEvent, index: number): void {
    if (event.key === "ArrowRight") goSideways(index, 1);
    else if (event.key === "ArrowLeft") goSideways(index, -1);
    else if (event.key === "ArrowDown") setOpen(index);
    else return;
    event.preventDefault();
  }

  return (
    <div ref={ref} className={className} role="menubar" aria-label="Commands">
      {menus.map(({ label, sections }, index) => {
        const id = `menu-${label.toLowerCase()}`;
        const isOpen = open === index;
        return (
          <div key={label} className="menu-anchor" role="none">
            <button
              type="button"
              className="button button-quiet menu-title"
              role="menuitem"
              aria-haspopup="menu"
              aria-expanded={isOpen}
              aria-controls={isOpen ? id : undefined}
              aria-label={label}
              tabIndex={index === tabStop ? 0 : -1}
              onClick={() => setOpen(isOpen ? null : index)}
              onPointerEnter={() => open !== null && setOpen(index)}
              onFocus={() => setTabStop(index)}
              onKeyDown={(event) => onTitleKey(event, index)}
            >
              {menus.length === 1 ? <MenuIcon aria-hidden="true" /> : label}
            </button>
            {isOpen && (
              <Menu
                key={label}
                id={id}
                label={label}
                sections={sections}
                onClose={() => {
                  setOpen(null);
                  focusTitle(index);
                }}
                onSideways={(step) => setOpen(goSideways(index, step))}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}
