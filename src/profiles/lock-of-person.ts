/**
 * The advisory lock of a person: what changes whether they may be written to takes it, and so does the claim of a message to
 * them. The last half of the id: the first half is a time, the same for people who were met together.
 */
export function lockOfPerson(id: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${id.slice(19, 23)}${id.slice(24)}`));
}
