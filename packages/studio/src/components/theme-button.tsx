import { cycleTheme, darkTheme, lightTheme, systemTheme } from "../actions/view-commands.js";
import { useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";

const COMMANDS = { system: systemTheme, light: lightTheme, dark: darkTheme } as const;

/** Goes from one theme to the next, and shows the one that is in use. */
export function ThemeButton() {
  const theme = useStudioState(({ preferences }) => preferences.theme);
  const { icon, name } = COMMANDS[theme];
  return (
    <CommandButton
      command={{ ...cycleTheme, icon: icon!, name: `Change theme: now ${name.toLowerCase()}` }}
      look="quiet"
    />
  );
}
