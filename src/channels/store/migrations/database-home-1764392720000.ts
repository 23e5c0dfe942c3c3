import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Which database this is, by its own account, and when a container last looked: one row. Safe beside the version before, which neither
 * reads nor writes it.
 */
export class DatabaseHome1764392720000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table database_home (
        one boolean primary key default true check (one),
        identity text not null,
        seen_at timestamptz not null
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
