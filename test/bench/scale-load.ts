/** What is asked of every size of `npm run bench:scale`. */
export const containersPerNode = 20;
/** A container that starts is one, and one that is removed another; each is several messages of an engine. */
export const eventsPerNodeAndMinute = 5;
/** Between two containers that are awaited on the screen. */
export const probeEveryMs = 700;
