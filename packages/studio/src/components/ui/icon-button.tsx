import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes } from "react";

export interface IconButtonProps
  extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "aria-label" | "type"> {
  readonly icon: LucideIcon;
  readonly label: string;
}

/** A button that is an icon, for what is not a command because it is about one thing among many. */
export function IconButton({ icon: Icon, label, className = "", ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={`button button-quiet button-icon ${className}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon aria-hidden="true" />
    </button>
  );
}
