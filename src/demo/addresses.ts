import { subnetContains } from "../domain/subnets.ts";
import { clean, type SafeText } from "../domain/text.ts";

/** What a pool gives besides its subnet: who has the gateway's address, and the part of the subnet that it gives from. */
export interface PoolOptions {
  gateway?: string | undefined;
  range?: string | undefined;
}

/** The addresses of one IPv4 subnet: the gateway has the first, containers get the lowest that is free, as libnetwork's ipam gives them. */
export class AddressPool {
  readonly subnet: SafeText;
  readonly gateway: SafeText;
  readonly range: SafeText | undefined;
  readonly #first: number;
  readonly #last: number;
  readonly #taken = new Set<number>();
  /** No address below this one is free. */
  #lowestFree: number;

  constructor(subnet: string, { gateway, range }: PoolOptions = {}) {
    const [network, broadcast] = bounds(subnet);
    const [from, to] = range === undefined ? [network, broadcast] : bounds(range);
    this.subnet = clean(subnet);
    this.range = range === undefined ? undefined : clean(range);
    this.#first = Math.max(from, network + 1);
    this.#last = Math.min(to, broadcast - 1);
    this.gateway = clean(gateway ?? asText(this.#first));
    this.#lowestFree = this.#first;
    this.#taken.add(asNumber(this.gateway));
  }

  /** The lowest free address, or undefined when the subnet is full. */
  take(): SafeText | undefined {
    let address = this.#lowestFree;
    while (this.#taken.has(address)) address++;
    if (address > this.#last) return undefined;
    this.#taken.add(address);
    this.#lowestFree = address + 1;
    return clean(asText(address));
  }

  /** Whether the address is one of the subnet. */
  holds(address: string): boolean {
    return subnetContains(this.subnet, address);
  }

  /** That very address, or why it cannot be had. It may lie outside of the range. */
  claim(wanted: string): SafeText | "outside" | "taken" {
    if (!subnetContains(this.subnet, wanted)) return "outside";
    const address = asNumber(wanted);
    if (this.#taken.has(address)) return "taken";
    this.#taken.add(address);
    return clean(wanted);
  }

  /** Gives an address back. */
  give(address: SafeText): void {
    const number = asNumber(address);
    if (this.#taken.delete(number) && number >= this.#first) this.#lowestFree = Math.min(this.#lowestFree, number);
  }
}

/** The MAC that libnetwork derives from an address: 02:42 and its four bytes (libnetwork netutils.GenerateMACFromIP). */
export function macOf(address: SafeText): SafeText {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return clean(["02", "42", ...bytes].join(":"));
}

/** `base` plus `steps`: "192.168.44.0" and 103 make "192.168.44.103", and 359 makes "192.168.45.103". */
export const addressAt = (base: string, steps: number): SafeText => clean(asText(asNumber(base) + steps));

/** The first and the last address of a subnet. */
function bounds(subnet: string): [number, number] {
  const [base = "", length = ""] = subnet.split("/");
  const size = 2 ** (32 - Number(length));
  const network = Math.floor(asNumber(base) / size) * size;
  return [network, network + size - 1];
}

const asNumber = (address: string): number => address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
const asText = (address: number): string =>
  [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(address / unit) % 256).join(".");
