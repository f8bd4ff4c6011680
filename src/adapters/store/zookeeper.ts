import type { Follow } from "./following.ts";
export const followZooKeeper: Follow = () => ({ close: () => {} });
