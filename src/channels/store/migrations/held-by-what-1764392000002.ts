import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What is held is found by what holds it: by its time alone every look read all that waited for what was still down. Safe beside the version
 * before, which sorts what this index finds.
 */
export class HeldByWhat1764392000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index message_held_by on message (held_by, due_at) where held_by is not null and state in ('planned', 'retryable')`,
    );
    await runner.query(`drop index message_held`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
