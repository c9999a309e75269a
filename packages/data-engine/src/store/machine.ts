/** Id of the person "segany", the author of what the machine makes; nobody can sign in as it. */
export const MACHINE = "00000000-0000-7000-8000-000000000000";
