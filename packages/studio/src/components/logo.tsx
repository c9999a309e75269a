/** The icon of `public/icon.svg`, without its ground. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#1f5fd8" />
      <path
        d="M16.6 6.2c2.5 0 3.4 2 3.3 4.1-.1 2.3 1.3 3.3 2.9 4.9 1.7 1.7 2.8 3.6 2.3 6.1-.6 3.2-3.8 4.9-8.6 4.9s-8.3-1.7-8.9-4.9c-.5-2.5.7-4.4 2.4-6.1 1.6-1.6 3-2.6 3-4.9 0-2.1 1.1-4.1 3.6-4.1z"
        fill="#ffffff"
        fillOpacity="0.28"
        stroke="#ffffff"
        strokeWidth="1.9"
        strokeDasharray="3.2 1.9"
        strokeLinejoin="round"
      />
      <circle cx="16.4" cy="19" r="3" fill="#ffffff" />
    </svg>
  );
}
