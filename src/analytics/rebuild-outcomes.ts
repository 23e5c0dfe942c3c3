import { type Database, type Transaction } from '@wapas/database';
import { messageFacts } from '../channels/channels.api';
import { runFacts, storedVersions, withWorths } from '../journeys/journeys.api';
import { outcomeStore } from './store/outcome.store';
import { rollUpStore } from './store/roll-up.store';

const RUNS_A_BATCH = 1_000;
const QUARTERS_A_PASS = 100;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface Rebuilt {
  /** That reports count. */
  readonly runs: number;
  /** Goals whose worth only their event says, and whose event cannot be opened. */
  readonly unreadable: number;
}

/**
 * Makes the reports' tables again from the runs, messages, receipts and events that are stored; what it leaves is what
 * the bus had made of them. Outcomes of runs and touches of messages that are not stored any more stay as they are,
 * and so do the counts of quarters whose outcomes have been let go of. May run beside the
 * application: its handlers wait while a batch is written, so nothing they write is overwritten by something older.
 */
export async function rebuildOutcomes(database: Database, tell: (sofar: Rebuilt) => void = () => undefined): Promise<Rebuilt> {
  let [after, runs, unreadable] = [BEFORE_ALL, 0, 0];
  await database.transaction((tx) => outcomeStore.staleAll(tx));
  for (;;) {
    const batch = await database.transaction(async (tx) => {
      await outcomeStore.holdWriters(tx);
      const page = await runFacts.after(tx, after, RUNS_A_BATCH);
      return page.length === 0 ? null : { last: page.at(-1)?.id as string, ...(await rebuildRuns(tx, page)) };
    });
    if (batch === null) break;
    after = batch.last;
    runs += batch.runs;
    unreadable += batch.unreadable;
    tell({ runs, unreadable });
  }
  const versions = await storedVersions(database);
  while (
    (await database.transaction((tx) => rollUpStore.rollUp(tx, null, QUARTERS_A_PASS, () => Promise.resolve(versions)))) > 0
  );
  return { runs, unreadable };
}

async function rebuildRuns(tx: Transaction, page: readonly { id: string; isHeard: boolean }[]): Promise<Rebuilt> {
  const ids = page.map(({ id }) => id);
  const { started, ended, reversed } = await runFacts.of(tx, ids);
  const settled = await messageFacts.settledOf(tx, ids);
  const receipts = await messageFacts.receiptsOf(tx, ids);
  const earlier = await messageFacts.earlierOf(tx, ids);
  const { ends, unreadable } = await withWorths(tx, ended);
  await outcomeStore.forget(
    tx,
    ids,
    [...settled, ...receipts].map(({ messageId }) => messageId),
    page.flatMap(({ id, isHeard }) => (isHeard ? [] : [id])),
  );
  await outcomeStore.enter(tx, started);
  if (ends.length > 0) await outcomeStore.end(tx, ends);
  await outcomeStore.move(tx, await runFacts.moved(tx, ids));
  if (reversed.length > 0) await outcomeStore.reverse(tx, reversed);
  if (settled.length > 0) await outcomeStore.touch(tx, settled);
  if (receipts.length > 0) await outcomeStore.hear(tx, receipts);
  if (earlier.length > 0) await outcomeStore.touchEarlier(tx, earlier);
  return { runs: started.length, unreadable };
}
