import { type Database } from '@wapas/database';
import { messageFacts } from '../channels/channels.api';
import { runFacts, storedVersions } from '../journeys/journeys.api';
import { withAmounts } from './project-outcomes';
import { outcomeStore } from './store/outcome.store';
import { rollUpStore } from './store/roll-up.store';

const RUNS_A_BATCH = 1_000;
const QUARTERS_A_PASS = 100;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * Makes the reports' tables again from the runs, messages, receipts and events that are stored; what it leaves is what
 * the bus had made of them. Outcomes older than the oldest stored run stay as they are. May run beside the application:
 * its handlers wait while a batch is written, so nothing they write is overwritten by something older.
 */
export async function rebuildOutcomes(database: Database, tell: (runs: number) => void = () => undefined): Promise<number> {
  const oldest = await runFacts.oldest(database);
  if (oldest === null) return 0;
  await database.transaction((tx) => outcomeStore.forgetSince(tx, oldest));
  let [after, runs] = [BEFORE_ALL, 0];
  for (;;) {
    const last = await database.transaction(async (tx) => {
      await outcomeStore.holdWriters(tx);
      const { started, ended, reversed, moved } = await runFacts.after(tx, after, RUNS_A_BATCH);
      if (started.length === 0) return null;
      const ids = started.map(({ runId }) => runId);
      await outcomeStore.enter(tx, started);
      if (ended.length > 0) await outcomeStore.end(tx, await withAmounts(tx, ended));
      if (moved.length > 0) await outcomeStore.move(tx, moved);
      if (reversed.length > 0) await outcomeStore.reverse(tx, reversed);
      const settled = await messageFacts.settledOf(tx, ids);
      if (settled.length > 0) await outcomeStore.touch(tx, settled);
      const receipts = await messageFacts.receiptsOf(tx, ids);
      if (receipts.length > 0) await outcomeStore.hear(tx, receipts);
      runs += started.length;
      return ids.at(-1) as string;
    });
    if (last === null) break;
    after = last;
    tell(runs);
  }
  const versions = await storedVersions(database);
  while ((await database.transaction((tx) => rollUpStore.rollUp(tx, null, QUARTERS_A_PASS, versions))) > 0);
  return runs;
}
