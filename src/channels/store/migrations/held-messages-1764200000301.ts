import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * A message that waits because what it is about cannot be paid just now: for which rails. Safe beside the version before, which neither
 * holds nor releases such messages; they are let go by the new one, or expire.
 */
export class HeldMessages1764200000301 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table message add column held_by text[]`);
    await runner.query(
      `create index message_held on message (due_at) where held_by is not null and state in ('planned', 'retryable')`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
