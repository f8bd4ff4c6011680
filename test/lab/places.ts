import path from "node:path";

/** All that the lab keeps on the machine: what is built once, and a folder for each lab that is up. */
export const cache = process.env.OVL_LAB_CACHE ?? "/var/cache/ovl-tui-lab";

/** Folders and names of one lab; several labs live side by side because nothing is shared but the cache. */
export interface Places {
  name: string;
  folder: string;
  configFile: string;
  knownHostsFile: string;
  keyFile: string;
  /** Written when it is up: what it is. */
  stateFile: string;
  /** How the names of its network namespaces and control groups begin. */
  prefix: string;
  /** Network namespace with the bridge: the program under test runs in it. */
  switch: string;
  /** What the processes of this lab carry in their environment, so that they are found again after any accident. */
  mark: string;
  host(node: string): HostPlaces;
}

export interface HostPlaces {
  folder: string;
  root: string;
  upper: string;
  work: string;
  docker: string;
  log: string;
  namespace: string;
  machine: string;
}

export const isLabName = (name: string): boolean => /^[a-z][a-z0-9-]{0,19}$/.test(name);

/** @throws Error for a name that is not of small letters, digits and dashes, 20 at most */
export function placesOf(name: string): Places {
  if (!isLabName(name)) throw new Error(`"${name}" is no lab name: small letters, digits and dashes, 20 at most`);
  const folder = path.join(cache, "labs", name);
  const prefix = `ovl-lab.${name}.`;
  return {
    name,
    folder,
    configFile: path.join(folder, "ovl.yaml"),
    knownHostsFile: path.join(folder, "known_hosts"),
    keyFile: path.join(folder, "id_ed25519"),
    stateFile: path.join(folder, "lab.json"),
    prefix,
    switch: `${prefix}switch`,
    mark: `OVL_LAB=${name}`,
    host: (node) => {
      const host = path.join(folder, node);
      return {
        folder: host,
        root: path.join(host, "root"),
        upper: path.join(host, "upper"),
        work: path.join(host, "work"),
        docker: path.join(host, "docker"),
        log: path.join(host, "console.log"),
        namespace: `${prefix}${node}`,
        machine: `ovl-lab-${name}-${node}`,
      };
    },
  };
}

/** "node103" is the first: names and addresses of the classic procedure. */
export const nodeNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `node${103 + index}`);

/** 192.168.44.103 for node103. */
export const addressOf = (node: string): string => `192.168.44.${node.slice("node".length)}`;

export const switchAddress = "192.168.44.1";
export const hostInterface = "ens33";
