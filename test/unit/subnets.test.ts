import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareAddresses,
  isAddress,
  isSubnet,
  networkOf,
  poolSize,
  subnetContains,
  subnetsOverlap,
} from "../../src/domain/subnets.ts";

const dotted = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
const address = fc.integer({ min: 0, max: 0xffffffff });
const subnet = fc.record({ base: address, prefix: fc.integer({ min: 0, max: 32 }) });
const written = ({ base, prefix }: { base: number; prefix: number }) => `${dotted(base)}/${prefix}`;
/** First and last address as numbers; the plain arithmetic that the library's answers are held against. */
const bounds = ({ base, prefix }: { base: number; prefix: number }): [number, number] => {
  const size = 2 ** (32 - prefix);
  const first = Math.floor(base / size) * size;
  return [first, first + size - 1];
};

describe("subnets", () => {
  test("a /24 has room for 253 containers: all but network, broadcast and gateway", () => {
    expect(poolSize("10.10.10.0/24")).toBe(253);
    expect(poolSize("10.10.0.0/16")).toBe(65_533);
  });

  test("a subnet too small for a gateway and a container has no room at all", () => {
    expect(poolSize("10.10.10.0/30")).toBe(1);
    expect(poolSize("10.10.10.0/31")).toBe(0);
    expect(poolSize("10.10.10.0/32")).toBe(0);
    expect(poolSize("10.10.10.0")).toBe(0);
    expect(poolSize("nonsense")).toBe(0);
  });

  test("an IPv6 subnet has no broadcast address to lose", () => {
    expect(poolSize("fd00:10::/120")).toBe(254);
  });

  test("an address lies in a subnet exactly when it is between its first and last", () => {
    fc.assert(
      fc.property(subnet, address, (net, one) => {
        const [first, last] = bounds(net);
        expect(subnetContains(written(net), dotted(one))).toBe(one >= first && one <= last);
      }),
    );
  });

  test("two subnets overlap exactly when their ranges do, whichever is named first", () => {
    fc.assert(
      fc.property(subnet, subnet, (a, b) => {
        const [[first, last], [start, end]] = [bounds(a), bounds(b)];
        const shared = first <= end && start <= last;
        expect(subnetsOverlap(written(a), written(b))).toBe(shared);
        expect(subnetsOverlap(written(b), written(a))).toBe(shared);
      }),
    );
  });

  test("families never mix", () => {
    expect(subnetContains("10.0.0.0/8", "::ffff:10.0.0.1")).toBe(false);
    expect(subnetsOverlap("0.0.0.0/0", "::/0")).toBe(false);
    expect(subnetContains("fd00::/8", "fd00::1")).toBe(true);
  });

  test("addresses sort as numbers, not as text", () => {
    fc.assert(
      fc.property(address, address, (a, b) => {
        expect(Math.sign(compareAddresses(dotted(a), dotted(b)))).toBe(Math.sign(a - b));
      }),
    );
    expect(["10.0.0.10", "fd00::1", "none", "10.0.0.9"].sort(compareAddresses)).toEqual([
      "10.0.0.9",
      "10.0.0.10",
      "fd00::1",
      "none",
    ]);
    expect(compareAddresses("10.0.0.9/24", "10.0.0.10/24")).toBeLessThan(0);
  });

  test("the network of an interface's address", () => {
    expect(networkOf("192.168.44.103/24")).toBe("192.168.44.0/24");
    expect(networkOf("fd00:1::103/64")).toBe("fd00:1::/64");
    expect(networkOf("192.168.44.103")).toBeUndefined();
  });

  test("shortened and octal forms are not taken for addresses", () => {
    for (const raw of ["10.1", "0x7f.0.0.1", "", "1.2.3.4.5", "10.0.0.256", "1.2.3.4/24", "node103"]) {
      expect(isAddress(raw), raw).toBe(false);
    }
    for (const raw of ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.1/16", "fd00::/129"]) {
      expect(isSubnet(raw), raw).toBe(false);
    }
  });
});
