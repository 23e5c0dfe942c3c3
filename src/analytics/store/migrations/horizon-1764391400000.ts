import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * How far the rows behind the roll-ups have been let go of: of quarters before it nothing could be counted again. Safe beside the version
 * before, which lets go of none and counts everything again that is listed as stale: let it end before the first rows are old enough.
 */
export class Horizon1764391400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table outcome_horizon (
        is_only boolean primary key default true check (is_only),
        through timestamptz not null
      )`);
    await runner.query(`insert into outcome_horizon (through) values ('-infinity')`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
