import { z } from "zod";
import { asNodeName } from "../ids.ts";
import { clean } from "../text.ts";

/** Names of networks and containers: moby daemon/names/names.go RestrictedNamePattern. */
const objectName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/, "a name of letters, digits, dot, dash or underscore, 63 at most")
  .transform((name) => clean(name));

const nodeName = z.string().transform((raw, context) => {
  const name = asNodeName(raw);
  if (name !== undefined) return name;
  context.addIssue("a node name of letters, digits, dot, dash or underscore, 63 at most");
  return z.NEVER;
});

const port = z.int("a port number").min(1, "a port from 1 to 65535").max(65_535, "a port from 1 to 65535");
const filePath = z.string().min(1, "the path of a file");
const words = z.string().min(1, "some text").max(1000, "at most 1000 characters");
const sshUser = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@\\-]*$/, "a user name");

/** `[user@]host[:port]`; what an ssh command line would take for an option or a shell for syntax is refused here. */
const sshTarget = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9_][A-Za-z0-9_.\\-]*@)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]*(?::\d{1,5})?|\[[0-9A-Fa-f:.%a-z]+\](?::\d{1,5})?|[0-9A-Fa-f:]+)$/,
    "[user@]host[:port] or an alias of ~/.ssh/config",
  );

const connection = {
  user: sshUser.optional(),
  port: port.optional(),
  identityFile: filePath.optional(),
  knownHostsFile: filePath.optional(),
  jump: sshTarget.optional(),
};

const interfaceOrAddress = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,44}$/, "an interface (ens33) or an address")
  .transform((name) => clean(name));

const cidr = z.union([z.cidrv4(), z.cidrv6()], "a subnet such as 10.10.10.0/24").transform((subnet) => clean(subnet));
const address = z.union([z.ipv4(), z.ipv6()], "an IP address").transform((one) => clean(one));

const node = z.strictObject({
  name: nodeName,
  ssh: sshTarget,
  ...connection,
  advertise: interfaceOrAddress.optional(),
});

const endpoint = z.string().regex(/^(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, "host:port");

const store = z.strictObject({
  kind: z.enum(["consul", "etcd", "zookeeper"], "consul, etcd or zookeeper").default("consul"),
  node: z.union([nodeName, z.array(nodeName).min(1)], "a node's name, or a list of them").optional(),
  endpoints: z.array(endpoint).min(1, "at least one host:port").optional(),
  image: words.optional(),
  port: port.optional(),
});

const network = z.strictObject({
  name: objectName,
  driver: z.enum(["overlay", "macvlan"], "overlay or macvlan").default("overlay"),
  subnet: cidr.optional(),
  gateway: address.optional(),
  parent: interfaceOrAddress.optional(),
  mtu: z.int("a number of bytes").min(576, "576 bytes at least").max(65_535, "65535 bytes at most").optional(),
});

const container = z.strictObject({
  name: objectName,
  node: nodeName,
  image: words,
  network: objectName.optional(),
  address: address.optional(),
  hostname: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/, "a host name")
    .optional(),
  privileged: z.boolean("true or false").default(false),
  remove: z.boolean("true or false").default(false),
  command: z.array(z.string(), "a list of words").default([]),
  environment: z.record(z.string(), z.string("text; put it in quotes"), "NAME: value pairs").default({}),
  mounts: z.array(words, "a list of SOURCE:TARGET").default([]),
  restart: z.enum(["no", "always", "unless-stopped", "on-failure"]).optional(),
});

const condor = z.strictObject({
  manager: objectName,
  execute: z.array(objectName, "a list of containers").default([]),
  submit: z.array(objectName, "a list of containers").default([]),
  security: z.enum(["password", "open"], "password or open").default("password"),
  domain: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/, "a domain such as pool.example")
    .transform((name) => clean(name))
    .optional(),
});

/** `ovl.yaml`, version 1. Unknown keys are refused everywhere. */
export const specSchema = z.strictObject({
  version: z.literal(1, "1, the only version there is"),
  cluster: objectName,
  nodes: z.array(node, "a list of nodes").min(1, "at least one node"),
  ssh: z.strictObject(connection).default({}),
  engine: z
    .strictObject({
      mode: z.enum(["auto", "cluster-store", "swarm"], "auto, cluster-store or swarm").default("auto"),
      listen: z.enum(["none", "tls", "insecure"], "none, tls or insecure").default("none"),
    })
    .prefault({}),
  store: store.optional(),
  networks: z.array(network, "a list of networks").default([]),
  containers: z.array(container, "a list of containers").default([]),
  condor: condor.optional(),
  readOnly: z.boolean("true or false").default(false),
});

export type SpecFile = z.output<typeof specSchema>;
