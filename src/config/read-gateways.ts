import { type GatewayDefinition, gatewayDefinitions, type GatewaySetup } from '@wapas/gateways';
import { type Mode, type SettingReader } from './setting-reader';

/** A gateway that is set up: its name, and how to make it once there is a way out. */
export interface ConfiguredGateway {
  readonly name: string;
  readonly create: Extract<GatewaySetup, { ok: true }>['config'];
}

/** The gateways of which any required setting is given. */
export function readGateways(reader: SettingReader, mode: Mode): readonly ConfiguredGateway[] {
  return gatewayDefinitions.flatMap((definition) => {
    const settings = Object.fromEntries(definition.settings.map(({ name }) => [name, reader.text(name)]));
    if (!definition.settings.some(({ name, required }) => required && settings[name] !== undefined)) return [];
    if (mode === 'production') refusePlain(definition, settings, reader);
    const setup = definition.read(settings);
    if (setup.ok) return [{ name: definition.name, create: setup.config }];
    for (const text of setup.problems) reader.problem(`${definition.name}: ${text}`);
    return [];
  });
}

function refusePlain(
  { settings }: GatewayDefinition,
  given: Readonly<Record<string, string | undefined>>,
  reader: SettingReader,
): void {
  for (const { name } of settings)
    if (name.endsWith('_URL') && given[name]?.startsWith('http:'))
      reader.problem(`${name} is a plain http address. Only WAPAS_MODE=sandbox may talk to one.`);
}
