import { digio } from './digio.preset';
import { hyperverge } from './hyperverge.preset';
import { juspay } from './juspay.preset';
import { onfido } from './onfido.preset';
import { payu } from './payu.preset';
import { type SourcePreset } from './preset';
import { woocommerce } from './woocommerce.preset';

const all: readonly SourcePreset[] = [payu, juspay, woocommerce, hyperverge, digio, onfido];

/** Every preset by its key. Adding one is its file and its line here. */
export const presets: ReadonlyMap<string, SourcePreset> = new Map(all.map((preset) => [preset.key, preset]));
