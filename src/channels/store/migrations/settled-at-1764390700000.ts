import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * When a message was settled by something else than the answer to its call: too late, called off, or by what was reported. Null of all
 * others, and of what is stored already, whose time is told as before. Safe beside the version before, which neither reads nor writes it.
 */
export class SettledAt1764390700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table message add column settled_at timestamptz`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
