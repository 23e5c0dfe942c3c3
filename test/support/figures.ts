/** Prints what a promise came to, for whoever reads the run. The test itself decides whether that is good enough. */
export function printFigure(promise: string, figures: Readonly<Record<string, number | string>>): void {
  const words = Object.entries(figures).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? value.toLocaleString('en') : value}`,
  );
  process.stderr.write(`  ${promise}: ${words.join(', ')}\n`);
}
