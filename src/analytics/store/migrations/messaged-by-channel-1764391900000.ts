import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * In how many runs a channel was sent: the first message that was accepted on it counts, of however many. What was counted before is counted
 * again, as far as the rows behind it are kept; of the rest nobody can say: null. Safe beside the version before, which does not read it; a
 * quarter that it counts meanwhile says null as well until it is counted once more, as every quarter is while its runs are alive.
 */
export class MessagedByChannel1764391900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['message_rollup', 'message_daily']) await runner.query(`alter table ${table} add column messaged int`);
    await runner.query(
      `insert into outcome_stale (journey_key, slot) select distinct journey_key, slot from message_rollup order by slot`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
