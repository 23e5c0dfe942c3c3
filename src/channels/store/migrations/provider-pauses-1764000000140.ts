import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What a vendor's answers or an operator took out of use: a provider, or one template of it. `until` is real time;
 * infinity: until somebody says otherwise; null: strikes that are not enough yet. A few rows, read every second.
 */
export class ProviderPauses1764000000140 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table provider_pause (
        provider       text not null,
        scope          text not null,
        subject        text not null,
        marketing_only boolean not null,
        is_hold        boolean not null,
        reason         text not null,
        code           text not null,
        since          timestamptz not null,
        strikes        int not null,
        until          timestamptz,
        primary key (provider, scope, subject, marketing_only, is_hold)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
