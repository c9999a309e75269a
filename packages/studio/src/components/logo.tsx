/** The icon of `public/icon.svg`, without its ground. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#1f5fd8" />
      <path
        d="M16.6 6.2c2.5 0 3.4 2 3.3 4.1-.1 2.300 1.300 3.300 2.900 4.900 1.700 1.700 2.800 3.600 2.300 6.100-.6 3.200-3.800 4.900-8.600 4.900s-8.300-1.700-8.900-4.900c-.5-2.500.7-4.400 2.400-6.100 1.600-1.600 3-2.600 3-4.900 0-2.100 1.100-4.100 3.600-4.100z"
        fill="#ffffff"
        fillOpacity="0.28"
        stroke="#ffffff"
        strokeWidth="1.9"
        strokeDasharray="3.2 1.9"
        strokeLinejoin="round"
      />
      <circle cx="16.400" cy="19" r="3" fill="#ffffff" />
    </svg>
  );
}
