/** What was typed of containers to be launched: every field as it stands in the form. */
export interface LaunchDraft {
  image: string;
  /** Names of nodes, parted by blanks or commas; the containers are spread over them in turn. */
  nodes: string;
  /** "": the engine's own default. */
  network: string;
  /** "{n}" in it is a number; several containers need it. */
  name: string;
  count: string;
  /** "": the container's name, where that can be a host name. "{n}" as in the name. */
  hostname: string;
  /** "": the engine chooses. Of several containers that of the first; the others have the next free ones. */
  address: string;
  privileged: boolean;
  remove: boolean;
  restart: Restart;
  /** Words as in a shell. */
  command: string;
  /** NAME=VALUE words as in a shell. */
  environment: string;
  /** SOURCE:TARGET[:OPTIONS] words as in a shell. */
  mounts: string;
  /** Written to ovl.yaml once they run. */
  save: boolean;
}

export type LaunchField = keyof LaunchDraft;

/** What Docker does when a container ends (docker run --restart). */
export const restarts = ["no", "on-failure", "unless-stopped", "always"] as const;
export type Restart = (typeof restarts)[number];

export const emptyLaunch: LaunchDraft = {
  ...{ image: "", nodes: "", network: "", name: "", count: "1", hostname: "", address: "" },
  ...{ privileged: false, remove: false, restart: "no", command: "", environment: "", mounts: "", save: false },
};

/** How many containers are wanted; undefined when it is no whole number from 1 to 100. */
export function countOf(draft: LaunchDraft): number | undefined {
  const count = /^\d{1,3}$/.test(draft.count) ? Number(draft.count) : 0;
  return count >= 1 && count <= mostAtOnce ? count : undefined;
}

/** More at once is a thing for `ovl.yaml` and `apply`. */
export const mostAtOnce = 100;
