import { parted } from "../../domain/command-line.ts";
import { freeAddresses, freeCount, holdersOn } from "../../domain/launch/addresses.ts";
import { loadWords } from "../../domain/launch/assess.ts";
import type { LaunchDraft } from "../../domain/launch/draft.ts";
import type { LaunchGround, LaunchNode } from "../../domain/launch/ground.ts";
import { launchImages } from "../../domain/launch/images.ts";
import { launchNetworks } from "../../domain/launch/networks.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import { megabytes } from "../draw/figures.ts";
import { type Line, span } from "../draw/style.ts";
import { filled, widthOf } from "../draw/width.ts";
import type { PickField } from "./fields.ts";

/** Something that can be picked for a field. */
export interface Offer {
  value: string;
  line: Line;
  /** Several can be picked: this one is. */
  isPicked: boolean;
}

export const pickTitles: Record<PickField, SafeText> = {
  image: text`Images on the nodes`,
  nodes: text`Nodes`,
  network: text`Networks`,
  address: text`Free addresses`,
};

export const pickNothing: Record<PickField, SafeText> = {
  image: text`No node has told of an image yet.`,
  nodes: text`There is no node.`,
  network: text`No node lists a network that a container of its own can join.`,
  address: text`A network comes first; or it has no free address.`,
};

/** So many free addresses are offered. */
const addressesOffered = 50;

/** What there is for the field, with what helps to choose. */
export function offersFor(field: PickField, draft: LaunchDraft, ground: LaunchGround): Offer[] {
  const first = ground.nodes.find((one) => one.name === parted(draft.nodes)[0])?.name;
  switch (field) {
    case "image":
      return inColumns(
        launchImages(ground).map((one) => ({
          value: one.name,
          cells: [
            clean(one.name),
            megabytes(one.bytes),
            one.nodes.length === ground.nodes.length ? text`on every node` : text`on ${joined(one.nodes)}`,
          ],
          isPicked: one.name === draft.image,
        })),
      );
    case "nodes": {
      const chosen = new Set(parted(draft.nodes));
      return inColumns(
        ground.nodes.map((node) => ({
          value: node.name,
          cells: [node.name, node.word, text`${node.running} running`, loadWords(node), memoryWords(node)],
          isPicked: chosen.has(node.name),
        })),
      );
    }
    case "network":
      return inColumns([
        ...launchNetworks(ground).map((network) => {
          const free = freeCount(network, first, holdersOn(network, ground));
          return {
            value: network.name as string,
            cells: [
              network.name,
              network.driver,
              joined(network.subnets.map((one) => one.subnet)),
              free === undefined ? text`` : text`${free} free`,
            ],
            isPicked: network.name === draft.network,
          };
        }),
        { value: "", cells: [text`none`, text`the engine's default bridge`], isPicked: draft.network === "" },
      ]);
    case "address": {
      const network = launchNetworks(ground).find((one) => one.name === draft.network);
      if (network === undefined) return [];
      const free = freeAddresses(network, first, holdersOn(network, ground), addressesOffered);
      return inColumns(free.map((one) => ({ value: one, cells: [one], isPicked: one === draft.address })));
    }
  }
}

/** "5.1 of 8.0 GB free" */
function memoryWords({ load, engine }: LaunchNode): SafeText {
  if (engine === undefined) return text``;
  const all = gigabytes(engine.memoryBytes);
  return load?.availableBytes === undefined
    ? text`${all} GB`
    : text`${gigabytes(load.availableBytes)} of ${all} GB free`;
}

const gigabytes = (bytes: number): SafeText => clean((bytes / 1e9).toFixed(1));

function inColumns(rows: readonly { value: string; cells: readonly SafeText[]; isPicked: boolean }[]): Offer[] {
  const widths: number[] = [];
  for (const { cells } of rows) {
    for (const [at, cell] of cells.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  }
  return rows.map(({ value, cells, isPicked }) => ({
    value,
    isPicked,
    line: cells.map((cell, at) =>
      span(at === cells.length - 1 ? cell : filled(cell, (widths[at] ?? 0) + 2), at === 0 ? "plain" : "muted"),
    ),
  }));
}
