import { benchAnalytics } from './analytics.bench';
import { type BenchOptions, readArguments, UsageError } from './arguments';
import { benchChain } from './chain.bench';
import { Started } from './children';
import { benchDerived } from './derived.bench';
import { benchDispatch } from './dispatch.bench';
import { benchIngest } from './ingest.bench';
import { benchJourneys } from './journeys.bench';
import { benchLinks } from './links.bench';
import { benchMemory } from './memory.bench';
import { benchReplay } from './replay.bench';
import { type Report, tableOf } from './report';
import { benchTimers } from './timers.bench';

type Bench = (options: BenchOptions, started: Started) => Promise<Report>;

const benches: Readonly<Record<string, Bench>> = {
  ingest: benchIngest,
  chain: benchChain,
  dispatch: benchDispatch,
  journeys: benchJourneys,
  timers: benchTimers,
  derived: benchDerived,
  links: benchLinks,
  analytics: benchAnalytics,
  replay: benchReplay,
  memory: benchMemory,
};

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), Object.keys(benches));
  const started = new Started();
  endOnSignals(started);
  try {
    const report = await (benches[options.name] as Bench)(options, started);
    process.stdout.write(`${options.json ? JSON.stringify(report) : tableOf(report)}\n`);
  } finally {
    await started.stop();
  }
}

/** Ctrl-C ends everything that was started, not only us. */
function endOnSignals(started: Started): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true;
      void started.stop().finally(() => process.exit(1));
    });
  }
}

/** What fails after that fails because we ended it. */
let interrupted = false;

main().catch((error: unknown) => {
  if (interrupted) return;
  process.stderr.write(`${error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
});
