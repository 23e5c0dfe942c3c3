import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Payment links made at gateways, by the payment they are a second try of. Open ones are looked at until they are closed. */
export class GatewayLinks1764000000133 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table gateway_link (
        key       uuid primary key,
        gateway   text not null,
        link_id   text not null,
        made_at   timestamptz not null,
        look_at   timestamptz not null,
        closed_at timestamptz
      )`);
    await runner.query(`create index gateway_link_open on gateway_link (look_at) where closed_at is null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
