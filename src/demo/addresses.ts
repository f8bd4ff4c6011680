import { clean, type SafeText } from "../domain/text.ts";

/** The addresses of one IPv4 subnet: the gateway has the first, containers get the lowest that is free, as libnetwork's ipam gives them. */
export class AddressPool {
  readonly subnet: SafeText;
  readonly gateway: SafeText;
  readonly #first: number;
  readonly #last: number;
  readonly #taken = new Set<number>();
  /** No address below this one is free. */
  #lowestFree: number;

  constructor(subnet: string) {
    const [base = "", length = ""] = subnet.split("/");
    const network = asNumber(base);
    this.subnet = clean(subnet);
    this.gateway = clean(asText(network + 1));
    this.#first = network + 2;
    // All ones is the broadcast address.
    this.#last = network + 2 ** (32 - Number(length)) - 2;
    this.#lowestFree = this.#first;
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

  /** Gives an address back. */
  give(address: SafeText): void {
    const number = asNumber(address);
    if (this.#taken.delete(number)) this.#lowestFree = Math.min(this.#lowestFree, number);
  }
}

/** The MAC that libnetwork derives from an address: 02:42 and its four bytes (libnetwork netutils.GenerateMACFromIP). */
export function macOf(address: SafeText): SafeText {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return clean(["02", "42", ...bytes].join(":"));
}

/** `base` plus `steps`: "192.168.44.0" and 103 make "192.168.44.103", and 359 makes "192.168.45.103". */
export const addressAt = (base: string, steps: number): SafeText => clean(asText(asNumber(base) + steps));

const asNumber = (address: string): number => address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
const asText = (address: number): string =>
  [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(address / unit) % 256).join(".");
