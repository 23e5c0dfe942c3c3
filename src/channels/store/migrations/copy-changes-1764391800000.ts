import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** When what a registered template says was changed: people before and after read something else. */
export class CopyChanges1764391800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table copy_change (
        id         bigint generated always as identity primary key,
        template   text not null,
        changed_at timestamptz not null
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
