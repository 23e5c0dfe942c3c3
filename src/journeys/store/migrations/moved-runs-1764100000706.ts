import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Whose run it was when it began, where a guest turned out to be a customer: its arm and its draws are that guest's. Safe beside the previous version. */
export class MovedRuns1764100000706 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table run add column moved_from uuid`);
    await runner.query(`alter table outcome add column moved_from uuid`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
