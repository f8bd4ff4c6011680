import { createHash, randomBytes } from "node:crypto";
import { PoolSecret } from "../../domain/condor/secret.ts";
import type { Sha256 } from "../../domain/plan/change.ts";

/** Of randomness, spelled in 43 characters: HTCondor reads a pool password as text that ends at a NUL. */
const secretBytes = 32;

/** HTCondor keeps its passwords XORed with these, over and over (condor_utils/store_cred.cpp, simple_scramble). */
const scrambling = [0xde, 0xad, 0xbe, 0xef] as const;

/** A secret for a pool that has none, from the system's own source of randomness. */
export function newPoolSecret(): PoolSecret {
  const password = Buffer.from(randomBytes(secretBytes).toString("base64url"));
  const scrambled = password.map((byte, index) => byte ^ (scrambling[index % scrambling.length] ?? 0));
  return new PoolSecret(Buffer.from(scrambled).toString("base64"));
}

/** Of the file that holds it, as a member tells of its own. */
export const fingerprint = (secret: PoolSecret): Sha256 =>
  createHash("sha256").update(Buffer.from(secret.reveal(), "base64")).digest("hex") as Sha256;
