import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What each claim of a message was judged by, as far as it was out of the ordinary: with it, the judgement can be passed
 * again. It travels with the update that the claim makes anyway. Safe beside the previous version.
 */
export class MessageClaims1764100000801 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table message add column claims jsonb`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
