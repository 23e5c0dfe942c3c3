import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What was paid back of a recovery, by the event that said so. `reached_at` and `paid` keep what the goal itself said, once something was
 * paid back; `goal_at` and `amount` are what counts. Safe beside the previous version: it only adds.
 */
export class Refunds1764100000703 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table outcome
        add column refunds jsonb not null default '{}',
        add column reached_at timestamptz,
        add column paid bigint`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
