/** What differs between the machines that pages are seen on. */

/** Whether the Command key is used for shortcuts. */
export const IS_MAC = /mac|iphone|ipad/i.test(navigator.platform);

/** Whether a finger is what the user points with. */
export const IS_TOUCH = matchMedia("(pointer: coarse)").matches;
