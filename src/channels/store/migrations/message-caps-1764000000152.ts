import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What of a message counts against a person's caps. Null: nothing holds it back (a mandatory notice, or planned before there were caps). */
export class MessageCaps1764000000152 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table message add column caps jsonb`);
    await runner.query(
      `create index message_taken on message (person_id, called_at) where state in ('calling', 'sent', 'unknown')`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
