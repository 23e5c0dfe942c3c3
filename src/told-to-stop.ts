/** An end may take so long, whatever it waits for. What is left then is done by whoever starts next: the rows know of it. */
const END_WITHIN_MS = 20_000;

/** Why something that was begun is not brought to its end. */
export class ToldToStop extends Error {
  constructor(signal: string) {
    super(`Told to stop by ${signal}.`);
    this.name = 'ToldToStop';
  }
}

/**
 * Aborted by the first SIGTERM or SIGINT, with a {@link ToldToStop}. Whoever is the first process of a container has no default action
 * for them: a signal that nobody listens to yet is lost, and reading all modules takes a second. So main reads this one first.
 */
export const toldToStop: AbortSignal = listenToSignals();

function listenToSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) return;
      setTimeout(() => process.exit(1), END_WITHIN_MS).unref();
      controller.abort(new ToldToStop(signal));
    });
  }
  return controller.signal;
}
