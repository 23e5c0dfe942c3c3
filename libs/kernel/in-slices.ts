/** Items in their order, so many at a time; the last slice holds what is left. */
export function inSlices<Item>(items: readonly Item[], size: number): Item[][] {
  const slices: Item[][] = [];
  for (let first = 0; first < items.length; first += size) slices.push(items.slice(first, first + size));
  return slices;
}
