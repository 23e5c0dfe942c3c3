import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What was paid back of recoveries, each refund once for a run. Goes with its run. */
export class RunReversals1764100000704 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table run_reversal (
        run_id   uuid not null,
        event_id uuid not null,
        amount   bigint,
        at       timestamptz not null,
        primary key (run_id, event_id)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
