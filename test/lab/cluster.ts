import { everything, until } from "./command.ts";
import type { Machine } from "./host.ts";
import { addressOf, hostInterface } from "./places.ts";
import type { Flavour } from "./recipe.ts";

export const overlay = { name: "ov_net1", subnet: "10.10.10.0/24" } as const;

/** The classic procedure's containers: node2 on the first node, node1 on the second. */
export const computing = [
  { name: "node2", node: "node103" },
  { name: "node1", node: "node104" },
] as const;

/** How engines of a flavour are joined. Debian's 20.10.24 has no Consul driver, so that flavour stays apart. */
export const joinedBy = (flavour: Flavour): "consul" | "swarm" | "nothing" =>
  flavour === "classic" ? "consul" : flavour === "classic-24" ? "nothing" : "swarm";

/** From bare hosts to containers that ping each other: what a person would do by hand. */
export async function join(flavour: Flavour, machines: ReadonlyMap<string, Machine>): Promise<void> {
  const all = [...machines.values()];
  const [first, ...others] = all;
  if (first === undefined) return;
  const how = joinedBy(flavour);
  if (how === "nothing") return;
  if (how === "consul") {
    await startConsul(first);
    // One after the other: an engine joins the gossip of those whose serf is up when it hears of them, and tries but once
    // (moby libnetwork/drivers/overlay/overlay.go, nodeJoin). Two that come up at one moment may stay strangers.
    for (const machine of all) await enableStore(machine, `consul://${addressOf(first.name)}:8500`);
    await first.docker("network", "create", "-d", "overlay", "--subnet", overlay.subnet, overlay.name);
  } else {
    await first.docker("swarm", "init", "--advertise-addr", hostInterface);
    const token = (await first.docker("swarm", "join-token", "-q", "worker")).trim();
    const manager = `${addressOf(first.name)}:2377`;
    await everything(
      others.map((machine) =>
        machine.docker("swarm", "join", "--advertise-addr", hostInterface, "--token", token, manager),
      ),
    );
    await first.docker("network", "create", "-d", "overlay", "--attachable", "--subnet", overlay.subnet, overlay.name);
  }
  await everything(
    computing.map(async ({ name, node }) => {
      await machines.get(node)?.docker(
        ...["run", "-itd", "--privileged", "--name", name, "--hostname", name, "--network", overlay.name],
        // What a systemd powers off at (systemd(1)); at SIGTERM it does nothing, and its engine waits 10 s for it.
        ...["--stop-signal", "SIGRTMIN+3"],
        ...["big_computing", "/usr/sbin/init"],
      );
    }),
  );
  const last = machines.get("node104");
  if (last === undefined) return;
  await until("a ping from node1 to node2", 120, async () => {
    for (const { name, node } of computing) await mustRun(machines.get(node), name);
    return (await last.run("docker exec node1 ping -c1 -W1 node2")).code === 0;
  });
}

/**
 * The VNI of an overlay as the kernel has it, in the namespace that an engine keeps for the overlay while a container of
 * its host is on it (a number that counts its makings, and ten
 * characters of the id: moby libnetwork/drivers/overlay/ov_network.go). Engines with a
 * store count from 256 on, but leave one out where a write to the store had to be repeated.
 */
export async function vniInKernel(
  machine: Pick<Machine, "name" | "docker" | "must">,
  network: string,
): Promise<number> {
  const id = (await machine.docker("network", "inspect", "-f", "{{.Id}}", network)).trim();
  const links = await machine.must(
    'nsenter --net="$(echo /var/run/docker/netns/*-"$1")" ip -d -o link show type vxlan',
    id.slice(0, 10),
  );
  const [, vni] = /vxlan.* id (\d+)/.exec(links) ?? [];
  if (vni === undefined) throw new Error(`no VXLAN of ${network} on ${machine.name}: ${links.trim()}`);
  return Number(vni);
}

/** @throws Error with its last words when the container has ended */
async function mustRun(machine: Machine | undefined, container: string): Promise<void> {
  const state = await machine?.docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", container);
  if (machine === undefined || state?.startsWith("running") === true) return;
  const { stdout } = await machine.run('docker logs --tail 3 "$1" 2>&1', container);
  throw new Error(`${container} on ${machine.name} did not stay up (${state?.trim()}): ${stdout.trim()}`);
}

/** Consul on the first host, on its own address only, as the store of the others. */
export async function startConsul(machine: Machine): Promise<void> {
  const address = addressOf(machine.name);
  await machine.docker(
    ...["run", "-d", "--restart", "unless-stopped", "-p", `${address}:8500:8500`, "-h", "consul", "--name", "consul"],
    ...["-v", "consul-data:/var/lib/consul-data", "consul:1.8.7", "consul", "agent", "-server", "-bootstrap-expect=1"],
    ...["-ui", "-client=0.0.0.0", "-data-dir=/var/lib/consul-data"],
    // The pace of Consul's raft for production; its default waits about 8 s before the first election.
    ...["-hcl", "performance { raft_multiplier = 1 }"],
  );
  await until("a leader of Consul", 120, async () => {
    const { stdout } = await machine.run(`curl -s -m 2 http://${address}:8500/v1/status/leader`);
    return stdout.includes(":8300");
  });
}

/** Merges the flags into daemon.json and lets the running engine load them. */
export async function enableStore(machine: Machine, store: string): Promise<void> {
  const file = "/etc/docker/daemon.json";
  const before: unknown = JSON.parse(await machine.must(`cat ${file}`));
  const merged = { ...Object(before), "cluster-store": store, "cluster-advertise": `${hostInterface}:2376` };
  await machine.must(`printf '%s\\n' "$1" > ${file}; systemctl reload docker`, JSON.stringify(merged, null, 4));
  await until(`${machine.name} with its store`, 120, async () => {
    const { stdout } = await machine.run("docker info --format '{{.ClusterStore}}'; ss -Hltn 'sport = :7946'");
    return stdout.includes(store) && stdout.includes(":7946");
  });
}
